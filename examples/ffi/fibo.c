/* Two neighbours of Fibonacci's sequence become the next two. */
void fibo(int *a, int *b)
{
    int next = *a + *b;
    *a = *b;
    *b = next;
}
