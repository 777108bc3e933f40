#include "array_add.h"

void array_add(const double *x, const double *y, double *sum, int n)
{
    for (int i = 0; i < n; i++) {
        sum[i] = x[i] + y[i];
    }
}
