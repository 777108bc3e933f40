void evolve(double *u, const double *u_previous, int n, int m, double a, double dt, double dx2, double dy2)
{
    for (int i = 1; i < n - 1; i++) {
        for (int j = 1; j < m - 1; j++) {
            const double *here = u_previous + i * m + j;
            u[i * m + j] = *here + a * dt * ((here[m] - 2.0 * *here + here[-m]) / dx2
                + (here[1] - 2.0 * *here + here[-1]) / dy2);
        }
    }
}
