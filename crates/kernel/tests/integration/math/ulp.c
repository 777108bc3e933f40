/* How far numbers are from the functions of long double, for whole arrays. */
#include <math.h>

typedef long double wide;

static wide power(int n) {
    return __builtin_ldexpl(1.0L, n);
}

/* In units of the last place of a double like `wanted`; what is beyond the largest double counts as
   the next power of 2. NaN, and the sign of zeros, must agree. */
static wide error(double got, wide wanted) {
    const wide limit = 0x1p1024L;
    if (isnan(got) || isnan(wanted)) return isnan(got) && isnan(wanted) ? 0 : INFINITY;
    if (got == 0 && !signbit(got) != !signbit(wanted)) return INFINITY;
    if (wanted > limit) wanted = limit;
    if (wanted < -limit) wanted = -limit;
    wide g = isinf(got) ? copysignl(limit, got) : got;
    if (g == wanted) return 0;
    union { wide x; struct { unsigned long long m; unsigned short e; } p; } u = { .x = wanted };
    int e = (u.p.e & 0x7fff) - 16383;
    if (e < -1022) e = -1022;
    if (e > 1023) e = 1023;
    return fabsl(g - wanted) * power(52 - e);
}

#define CHECK(NAME, BINARY, WANTED) \
    void NAME(const double *x, const double *y, const double *got, const double *fast, long n, \
              double *worst, long *at) { \
        for (long i = 0; i < n; i++) { \
            wide a = x[i], b = y[i], wanted = (WANTED); \
            double e = error(got[i], wanted); \
            if (e > worst[0]) { worst[0] = e; at[0] = i; } \
            if (isnormal(x[i]) && (!BINARY || isnormal(y[i])) && isnormal((double)wanted)) { \
                e = error(fast[i], wanted); \
                if (e > worst[1]) { worst[1] = e; at[1] = i; } \
            } \
        } \
    }

CHECK(check_rsqrt, 0, 1 / sqrtl(a))
CHECK(check_cbrt, 0, cbrtl(a))
CHECK(check_exp, 0, expl(a))
CHECK(check_exp2, 0, exp2l(a))
CHECK(check_exp_m1, 0, expm1l(a))
CHECK(check_ln, 0, logl(a))
CHECK(check_ln_1p, 0, log1pl(a))
CHECK(check_log2, 0, log2l(a))
CHECK(check_log10, 0, log10l(a))
CHECK(check_sin, 0, sinl(a))
CHECK(check_cos, 0, cosl(a))
CHECK(check_tan, 0, tanl(a))
CHECK(check_asin, 0, asinl(a))
CHECK(check_acos, 0, acosl(a))
CHECK(check_atan, 0, atanl(a))
CHECK(check_sinh, 0, sinhl(a))
CHECK(check_cosh, 0, coshl(a))
CHECK(check_tanh, 0, tanhl(a))
CHECK(check_erf, 0, erfl(a))
CHECK(check_atan2, 1, atan2l(a, b))
CHECK(check_powf, 1, powl(a, b))
CHECK(check_hypot, 1, hypotl(a, b))
