void array_add(const double *x, const double *y, double *sum, int n);
