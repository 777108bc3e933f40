/* One step of the course's solver, as its C version writes it. */
void evolve(double *u, double *u_previous, int n, int m, double a, double dt, double dx2, double dy2)
{
    for (int i = 1; i < n - 1; i++) {
        for (int j = 1; j < m - 1; j++) {
            int ind = i * m + j;
            int ip = (i + 1) * m + j, im = (i - 1) * m + j;
            int jp = i * m + j + 1, jm = i * m + j - 1;
            u[ind] = u_previous[ind] + a * dt *
                ((u_previous[ip] - 2.0 * u_previous[ind] + u_previous[im]) / dx2 +
                 (u_previous[jp] - 2.0 * u_previous[ind] + u_previous[jm]) / dy2);
        }
    }
    for (int i = 0; i < n * m; i++) {
        u_previous[i] = u[i];
    }
}
