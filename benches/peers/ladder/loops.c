/* The ladder's workloads as one writes them in C: the peers `c`, `c+threads` and `cffi` compile this file, `c+threads`
   with -fopenmp. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* u ends as the field after `steps`; v is of the same size, with the same border. */
void heat(double *restrict u, double *restrict v, long n, long steps)
{
    for (long step = 0; step < steps; step++) {
        const double *from = step % 2 ? v : u;
        double *to = step % 2 ? u : v;
        #pragma omp parallel for schedule(static)
        for (long i = 1; i < n - 1; i++)
            for (long j = 1; j < n - 1; j++)
                to[i * n + j] = 0.25 * (from[(i - 1) * n + j] + from[(i + 1) * n + j] + from[i * n + j - 1] + from[i * n + j + 1]);
    }
    if (steps % 2)
        memcpy(u, v, n * n * sizeof *u);
}

void julia(const double *axis, long n, long most, uint32_t *counts)
{
    #pragma omp parallel for schedule(dynamic, 8)
    for (long i = 0; i < n; i++)
        for (long j = 0; j < n; j++) {
            double zr = axis[i], zi = axis[j];
            uint32_t count = 0;
            while (zr * zr + zi * zi < 1e6 && count < most) {
                double next = zr * zr - zi * zi + 0.3852;
                zi = 2.0 * zr * zi - 0.2026;
                zr = next;
                count++;
            }
            counts[i * n + j] = count;
        }
}

long pi(uint64_t seed, long n)
{
    long inside = 0;
    #pragma omp parallel for reduction(+ : inside) schedule(static)
    for (long i = 0; i < n; i++) {
        uint64_t z = seed + ((uint64_t)i + 1) * 0x9E3779B97F4A7C15u;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        z ^= z >> 31;
        double x = (double)(z >> 32) / 4294967296.0, y = (double)(z & 0xFFFFFFFFu) / 4294967296.0;
        inside += x * x + y * y <= 1.0;
    }
    return inside;
}

void blackscholes(const double *spot, const double *strike, const double *years, double rate, double volatility,
                  long n, double *prices)
{
    const double root = 0.70710678118654752440;
    #pragma omp parallel for schedule(static)
    for (long i = 0; i < n; i++) {
        double s = spot[i], k = strike[i], t = years[i];
        double deviation = volatility * sqrt(t);
        double d1 = (log(s / k) + (rate + 0.5 * volatility * volatility) * t) / deviation;
        double d2 = d1 - deviation;
        prices[i] = s * (0.5 + 0.5 * erf(d1 * root)) - k * exp(-rate * t) * (0.5 + 0.5 * erf(d2 * root));
    }
}

/* Coordinates by rows: x of all, y of all, z of all. */
void nbody(double *restrict places, double *restrict velocities, const double *restrict masses, long n, long steps)
{
    double *restrict x = places, *restrict y = places + n, *restrict z = places + 2 * n;
    for (long step = 0; step < steps; step++) {
        #pragma omp parallel for schedule(static)
        for (long i = 0; i < n; i++) {
            double a = 0.0, b = 0.0, c = 0.0;
            for (long j = 0; j < n; j++) {
                double dx = x[j] - x[i], dy = y[j] - y[i], dz = z[j] - z[i];
                double r2 = dx * dx + dy * dy + dz * dz + 0.0025;
                double pull = masses[j] / (r2 * sqrt(r2));
                a += dx * pull;
                b += dy * pull;
                c += dz * pull;
            }
            velocities[i] += 0.01 * a;
            velocities[n + i] += 0.01 * b;
            velocities[2 * n + i] += 0.01 * c;
        }
        for (long k = 0; k < 3 * n; k++)
            places[k] += 0.01 * velocities[k];
    }
}

void matmul(const double *restrict a, const double *restrict b, double *restrict c, long n)
{
    memset(c, 0, n * n * sizeof *c);
    #pragma omp parallel for schedule(static)
    for (long i = 0; i < n; i++)
        for (long k = 0; k < n; k++)
            for (long j = 0; j < n; j++)
                c[i * n + j] += a[i * n + k] * b[k * n + j];
}

double integrate(double a, double b, long n)
{
    double dx = (b - a) / n, s = 0.0;
    #pragma omp parallel for reduction(+ : s) schedule(static)
    for (long i = 0; i < n; i++) {
        double x = a + i * dx;
        s += x * x - x;
    }
    return s * dx;
}

long fib(long n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

long stairs(long n)
{
    if (n < 4)
        return n == 3 ? 4 : n;
    return stairs(n - 1) + stairs(n - 2) + stairs(n - 3);
}

/* By a row of the table; -1 without memory for it. */
long lcs(const unsigned char *a, const unsigned char *b, long n)
{
    long *row = calloc(n + 1, sizeof *row), length;
    if (!row)
        return -1;
    for (long i = 0; i < n; i++) {
        long corner = 0;
        for (long j = 0; j < n; j++) {
            long above = row[j + 1];
            if (a[i] == b[j])
                row[j + 1] = corner + 1;
            else if (row[j] > above)
                row[j + 1] = row[j];
            corner = above;
        }
    }
    length = row[n];
    free(row);
    return length;
}
