/* The cells as a C programmer writes them. Compiled with
     gcc -O3 -march=native -ffast-math -fPIC -shared
   where exp and log are those of libmvec, and loaded beside the kernels of kernels.rs, which have
   the same names and arguments. */

#include <math.h>
#include <stddef.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define CELLS(T, S, EXP, LOG, SQRT)                                                               \
    void triad_##S(const T *restrict x, const T *restrict y, const T *restrict z,                 \
                   T *restrict out, size_t rows, size_t cols) {                                   \
        (void)z;                                                                                  \
        for (size_t i = 0; i < rows * cols; i++) out[i] = (T)2.5 * x[i] + y[i];                   \
    }                                                                                             \
    void dot_##S(const T *restrict x, const T *restrict y, const T *restrict z,                   \
                 T *restrict out, size_t rows, size_t cols) {                                     \
        (void)z;                                                                                  \
        T sum = 0;                                                                                \
        for (size_t i = 0; i < rows * cols; i++) sum += x[i] * y[i];                              \
        *out = sum;                                                                               \
    }                                                                                             \
    void stencil_##S(const T *restrict u, const T *restrict y, const T *restrict z,               \
                     T *restrict out, size_t rows, size_t cols) {                                 \
        (void)y, (void)z;                                                                         \
        for (size_t i = 1; i + 1 < rows; i++)                                                     \
            for (size_t j = 1; j + 1 < cols; j++) {                                               \
                const T *p = u + i * cols + j;                                                    \
                out[(i - 1) * (cols - 2) + j - 1] =                                               \
                    (T)0.5 * p[0] + (T)0.125 * (p[-cols] + p[cols] + p[-1] + p[1]);               \
            }                                                                                     \
    }                                                                                             \
    /* The distribution function of the standard normal, by Abramowitz and Stegun 26.2.17. */     \
    static inline T cnd_##S(T d) {                                                                \
        T a = d < 0 ? -d : d;                                                                     \
        T k = 1 / (1 + (T)0.2316419 * a);                                                         \
        T p = k * ((T)0.31938153 + k * ((T)-0.356563782 + k * ((T)1.781477937                     \
                + k * ((T)-1.821255978 + k * (T)1.330274429))));                                  \
        T tail = (T)0.39894228040143267794 * EXP((T)-0.5 * d * d) * p;                            \
        return d > 0 ? 1 - tail : tail;                                                           \
    }                                                                                             \
    void blackscholes_##S(const T *restrict s, const T *restrict k, const T *restrict t,          \
                          T *restrict out, size_t rows, size_t cols) {                            \
        const T r = (T)0.02, v = (T)0.3;                                                          \
        for (size_t i = 0; i < rows * cols; i++) {                                                \
            T root = SQRT(t[i]);                                                                  \
            T d1 = (LOG(s[i] / k[i]) + (r + (T)0.5 * v * v) * t[i]) / (v * root);                 \
            T d2 = d1 - v * root;                                                                 \
            out[i] = s[i] * cnd_##S(d1) - k[i] * EXP(-r * t[i]) * cnd_##S(d2);                    \
        }                                                                                         \
    }

CELLS(double, f64, exp, log, sqrt)
CELLS(float, f32, expf, logf, sqrtf)

/* What the machine can do at most. */

/* Reads x and y into registers and does nothing with them. */
void load(const double *restrict x, const double *restrict y, const double *restrict z,
          double *restrict out, size_t rows, size_t cols) {
    (void)z, (void)out;
#if defined(__AVX512F__)
    enum { LANES = 8 };
#define LOAD(p) { __m512d v = _mm512_loadu_pd(p); __asm__ volatile("" : : "v"(v)); }
#elif defined(__AVX__)
    enum { LANES = 4 };
#define LOAD(p) { __m256d v = _mm256_loadu_pd(p); __asm__ volatile("" : : "x"(v)); }
#else
    enum { LANES = 1 };
#define LOAD(p) { double v = *(p); __asm__ volatile("" : : "g"(v)); }
#endif
    for (size_t i = 0; i + 4 * LANES <= rows * cols; i += 4 * LANES) {
        LOAD(x + i) LOAD(y + i)
        LOAD(x + i + LANES) LOAD(y + i + LANES)
        LOAD(x + i + 2 * LANES) LOAD(y + i + 2 * LANES)
        LOAD(x + i + 3 * LANES) LOAD(y + i + 3 * LANES)
    }
}

/* triad_f64 with stores past the caches. */
void stream(const double *restrict x, const double *restrict y, const double *restrict z,
            double *restrict out, size_t rows, size_t cols) {
    (void)z;
    size_t i = 0, n = rows * cols;
#if defined(__AVX512F__)
    const __m512d a = _mm512_set1_pd(2.5);
    for (; i < n && (size_t)(out + i) % 64; i++) out[i] = 2.5 * x[i] + y[i];
    for (; i + 8 <= n; i += 8)
        _mm512_stream_pd(out + i,
                         _mm512_fmadd_pd(a, _mm512_loadu_pd(x + i), _mm512_loadu_pd(y + i)));
    _mm_sfence();
#elif defined(__AVX2__)
    const __m256d a = _mm256_set1_pd(2.5);
    for (; i < n && (size_t)(out + i) % 32; i++) out[i] = 2.5 * x[i] + y[i];
    for (; i + 4 <= n; i += 4)
        _mm256_stream_pd(out + i, _mm256_add_pd(_mm256_mul_pd(a, _mm256_loadu_pd(x + i)),
                                                _mm256_loadu_pd(y + i)));
    _mm_sfence();
#endif
    for (; i < n; i++) out[i] = 2.5 * x[i] + y[i];
}
