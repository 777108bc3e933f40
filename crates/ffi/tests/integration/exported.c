/* Calls the functions of the example `kern`, with what is right and what is wrong. */

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kern.h"

static int good, bad;

static void is(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "%s: %s\n", what, kern_error());
        exit(1);
    }
    good++;
}

static void fails(int32_t status, int32_t expected, const char *message)
{
    if (status != expected || !strstr(kern_error(), message)) {
        fprintf(stderr, "status %d and not %d: %s\n", status, expected, kern_error());
        exit(1);
    }
    bad++;
}

static void numbers(void)
{
    double x[] = {1, 2, 3}, y[] = {1, 1, 1}, result = -1;
    is(axpy(2, x, 3, y, 3) == TENFOLD_OK && y[2] == 7, "axpy");
    is(dot(x, 3, x, 3, &result) == TENFOLD_OK && result == 14, "dot may read twice");
    is(axpy(2, NULL, 0, NULL, 0) == TENFOLD_OK, "nothing");
    is(axpy(2, x, 0, x, 0) == TENFOLD_OK, "nothing of something");

    result = -1;
    fails(dot(x, 3, y, 2, &result), TENFOLD_FAILED, "dot: lengths of 3 and 2 do not go together");
    is(result == -1, "nothing is written after an error");
    fails(fail_at(x, 3, 7, &result), TENFOLD_PANICKED, "fail_at: panicked: index out of bounds");
    is(fail_at(x, 3, 2, &result) == TENFOLD_OK && result == 3, "after a panic");
    is(strstr(kern_error(), "panicked") != NULL, "the message stays until the next");
    fails(axpy(2, NULL, 3, y, 3), TENFOLD_NULL, "`x` is NULL");
    fails(dot(x, 3, x, 3, NULL), TENFOLD_NULL, "`result` is NULL");
    fails(axpy(2, x, 3, (double *)((char *)y + 4), 2), TENFOLD_ALIGN, "`y` is at 0x");
    fails(axpy(2, x, SIZE_MAX, y, 3), TENFOLD_SHAPE, "`x` cannot have 18446744073709551615 elements");
    fails(axpy(2, x, SIZE_MAX / 8, y, 3), TENFOLD_SHAPE, "`x` cannot have");
    fails(axpy(2, x, 3, x, 3), TENFOLD_OVERLAP, "`y` is written and overlaps `x`, by 24 bytes");
    fails(axpy(2, x, 2, x + 1, 2), TENFOLD_OVERLAP, "by 8 bytes");
    fails(dot(x, 3, y, 3, &x[1]), TENFOLD_OVERLAP, "`result` is written and overlaps `x`");
    is(x[1] == 2, "nothing is written");
}

static void several(void)
{
    int32_t x[] = {3, 1, 2}, least, greatest;
    size_t count, n;
    uint64_t bytes;
    float p[3];
    tenfold_complex128 z[] = {1, 2}, by = I, sum;

    is(range(x, 3, &least, &greatest, &count) == TENFOLD_OK, "range");
    is(least == 1 && greatest == 3 && count == 3, "three results");
    fails(range(x, 0, &least, &greatest, &count), TENFOLD_FAILED, "there is no least element");
    fails(range(x, 3, &least, &least, &count), TENFOLD_OVERLAP, "`result0` is written and overlaps `result1`");
    is(powers(2, p) == TENFOLD_OK && p[0] == 2 && p[1] == 4 && p[2] == 8, "powers");
    is(turn(z, 2, &by, false, &sum) == TENFOLD_OK && cimag(z[1]) == 2 && cimag(sum) == 3, "turn");
    is(turn(z, 2, &by, true, &sum) == TENFOLD_OK && creal(sum) == 3, "turn back");
    fails(turn(z, 2, NULL, true, &sum), TENFOLD_NULL, "`by` is NULL");
    fails(turn(z, 2, &z[1], true, &sum), TENFOLD_OVERLAP, "`z` is written and overlaps `by`");
    {
        /* As a caller with a wrong declaration would. */
        typedef int32_t (*wrong)(tenfold_complex128 *, size_t, const tenfold_complex128 *, unsigned, tenfold_complex128 *);
        union { int32_t (*right)(tenfold_complex128 *, size_t, const tenfold_complex128 *, bool, tenfold_complex128 *); wrong wrong; } call = {turn};
        fails(call.wrong(z, 2, &by, 2, &sum), TENFOLD_OUT_OF_RANGE, "`back` is 2, and a bool is 0 or 1");
    }
    is(letters("gr\xc3\xb6\xc3\x9f" "e", &n) == TENFOLD_OK && n == 5, "letters");
    fails(letters("gr\xf6\xdf" "e", &n), TENFOLD_TEXT, "`text` is not UTF-8, from byte 2 on");
    fails(letters(NULL, &n), TENFOLD_NULL, "`text` is NULL");
    is(count_bytes((const uint8_t *)"hello", 5, 'l', &bytes) == TENFOLD_OK && bytes == 2, "bytes");
    is(kern_nothing() == TENFOLD_OK, "nothing");
}

static void views(void)
{
    double x[3][4], sums[8], result;
    size_t shape[] = {3, 4}, columns[] = {4}, none[] = {0, 5}, huge[] = {SIZE_MAX / 2, 4}, one[] = {1};
    ptrdiff_t rows[] = {32, 8}, backwards[] = {-32, 8}, every[] = {16}, odd[] = {32, 7}, same[] = {0};
    ptrdiff_t far[] = {PTRDIFF_MAX - 7, 8}, flat[] = {0, 0};
    for (int i = 0; i < 12; i++)
        x[i / 4][i % 4] = i;

    is(column_sums(x[0], shape, NULL, sums, columns, NULL) == TENFOLD_OK && sums[3] == 21, "dense");
    is(column_sums(x[0], shape, rows, sums, columns, every) == TENFOLD_OK && sums[6] == 21, "strides");
    is(column_sums(x[2], shape, backwards, sums, columns, NULL) == TENFOLD_OK && sums[0] == 12, "backwards");
    every[0] = -8;
    is(column_sums(x[0], shape, rows, sums + 3, columns, every) == TENFOLD_OK && sums[0] == 21, "written backwards");
    is(total(x[0], 2, shape, NULL, &result) == TENFOLD_OK && result == 66, "any axes");
    is(total(x[0], 0, NULL, NULL, &result) == TENFOLD_OK && result == 0, "no axes");
    is(total(NULL, 2, none, NULL, &result) == TENFOLD_OK && result == 0, "no elements");
    is(total(x[1], 2, shape, flat, &result) == TENFOLD_OK && result == 48, "one element, often");
    is(column_sums(x[0], none, NULL, sums, columns, NULL) == TENFOLD_FAILED, "no rows");

    fails(column_sums(x[0], NULL, NULL, sums, columns, NULL), TENFOLD_NULL, "`x_shape` is NULL");
    fails(total(x[0], SIZE_MAX, shape, NULL, &result), TENFOLD_SHAPE, "axes, and 64 is the most");
    fails(total(x[0], 2, (size_t *)((char *)shape + 1), NULL, &result), TENFOLD_ALIGN, "`x_shape` is at 0x");
    fails(column_sums(x[0], shape, odd, sums, columns, NULL), TENFOLD_STRIDE, "a stride of 7 bytes");
    fails(column_sums(x[0], shape, NULL, sums, columns, same), TENFOLD_STRIDE, "leads to one element twice");
    fails(column_sums(x[0], shape, far, sums, columns, NULL), TENFOLD_SHAPE, "lead out of all memory");
    fails(total(x[0], 2, huge, flat, &result), TENFOLD_SHAPE, "cannot have the shape [9223372036854775807, 4]");
    fails(column_sums(x[0], shape, NULL, x[1], columns, NULL), TENFOLD_OVERLAP, "`sums` is written and overlaps `x`");
    fails(column_sums(x[0], shape, NULL, sums, one, NULL), TENFOLD_FAILED, "lengths of 4 and 1");
}

static void heat(void)
{
    double u[5][5] = {{0}}, v[5][5] = {{0}};
    size_t shape[] = {5, 5};
    v[2][2] = 1;
    is(evolve(u[0], shape, NULL, v[0], shape, NULL, 1, 0.5, 0.1, 1, 1) == TENFOLD_OK, "evolve");
    is(fabs(u[2][2] - 0.8) < 1e-12 && fabs(u[1][2] - 0.05) < 1e-12, "a step of heat");
    fails(evolve(u[0], shape, NULL, u[0], shape, NULL, 1, 0.5, 0.1, 1, 1), TENFOLD_OVERLAP, "by 200 bytes");
}

int main(void)
{
    is(kern_error()[0] == 0, "no error yet");
    numbers();
    several();
    views();
    heat();
    printf("%d good, %d bad\n", good, bad);
    return 0;
}
