/* How far numbers are from the functions of long double.

   Arguments: function, bits of its numbers, how many, and `all` or `normal`: results that should be
   subnormal are then left out. Input: that many x, y and results, as doubles. Output: the largest error
   in units of the last place, and where it is. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef long double wide;

/* The exponents of the smallest normal number and of the largest, and digits after the point. */
static int least = -1022, most = 1023, digits = 52;

/* In units of the last place of a number like `wanted`; what is beyond the largest number counts as
   the next power of 2. NaN, and the sign of zeros, must agree. */
static wide error(double got, wide wanted) {
    const wide limit = ldexpl(1, most + 1);
    if (isnan(got) || isnan(wanted)) return isnan(got) && isnan(wanted) ? 0 : INFINITY;
    if (got == 0 && !signbit(got) != !signbit(wanted)) return INFINITY;
    if (wanted > limit) wanted = limit;
    if (wanted < -limit) wanted = -limit;
    wide g = isinf(got) ? copysignl(limit, got) : got;
    if (g == wanted) return 0;
    int e = wanted == 0 ? least : ilogbl(wanted);
    if (e < least) e = least;
    if (e > most) e = most;
    return ldexpl(fabsl(g - wanted), digits - e);
}

typedef wide (*of_two)(wide, wide);

#define OF_ONE(NAME, VALUE) static wide f_##NAME(wide a, wide b) { (void)b; return VALUE; }
#define OF_TWO(NAME, VALUE) static wide f_##NAME(wide a, wide b) { return VALUE; }
#define ENTRY(NAME, VALUE) { #NAME, f_##NAME },
#define FUNCTIONS(ONE, TWO) \
    ONE(acos, acosl(a)) ONE(acosh, acoshl(a)) ONE(asin, asinl(a)) ONE(asinh, asinhl(a)) \
    ONE(atan, atanl(a)) ONE(atanh, atanhl(a)) ONE(cbrt, cbrtl(a)) \
    ONE(cos, cosl(a)) ONE(cosh, coshl(a)) ONE(erf, erfl(a)) ONE(exp, expl(a)) \
    ONE(exp2, exp2l(a)) ONE(exp_m1, expm1l(a)) ONE(ln, logl(a)) ONE(ln_1p, log1pl(a)) \
    ONE(log10, log10l(a)) ONE(log2, log2l(a)) ONE(rsqrt, 1 / sqrtl(a)) ONE(sin, sinl(a)) \
    ONE(sinh, sinhl(a)) ONE(tan, tanl(a)) ONE(tanh, tanhl(a)) \
    TWO(atan2, atan2l(a, b)) TWO(hypot, hypotl(a, b)) TWO(powf, powl(a, b))

FUNCTIONS(OF_ONE, OF_TWO)

static const struct { const char *name; of_two f; } table[] = { FUNCTIONS(ENTRY, ENTRY) };

static double *column(size_t n) {
    double *all = malloc(n * sizeof(double));
    if (!all || fread(all, sizeof(double), n, stdin) != n) exit(2);
    return all;
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    if (atoi(argv[2]) == 32) least = -126, most = 127, digits = 23;
    int is_normal = !strcmp(argv[4], "normal");
    size_t n = strtoul(argv[3], 0, 10), at = 0;
    double *x = column(n), *y = column(n), *got = column(n);
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        if (strcmp(table[k].name, argv[1])) continue;
        wide worst = 0;
        for (size_t i = 0; i < n; i++) {
            wide wanted = table[k].f(x[i], y[i]), e = error(got[i], wanted);
            if (is_normal && wanted != 0 && fabsl(wanted) < ldexpl(1, least)) continue;
            if (e > worst) worst = e, at = i;
        }
        printf("%Lg %zu\n", worst, at);
        return 0;
    }
    return 3;
}
