package dev.sinew.data.transform;

/**
 * The discrete Fourier transform X[k] = sum over t of x[t] exp(-2 pi i k t / n) of one length: by powers of two (J. Cooley,
 * J. Tukey, 1965), other lengths as a convolution of such a length (L. Bluestein, 1970). Safe for several threads.
 */
final class Fft {
    private final int n;
    /** exp(-2 pi i j / n) for a power of two; exp(-pi i j^2 / n) otherwise. */
    private final double[] cos;
    private final double[] sin;
    /** For other lengths: the transform of the length of the convolution, and its second factor transformed. */
    private final Fft inner;
    private final double[] chirpRe;
    private final double[] chirpIm;

    Fft(int n) {
        this.n = n;
        cos = new double[n];
        sin = new double[n];
        boolean power = Integer.bitCount(n) == 1;
        for (int j = 0; j < n; j++) {
            // the angle of j^2 repeats after 2 n: reduced before it loses digits
            double angle = power ? -2 * StrictMath.PI * j / n : -StrictMath.PI * ((long) j * j % (2L * n)) / n;
            cos[j] = StrictMath.cos(angle);
            sin[j] = StrictMath.sin(angle);
        }
        if (power) {
            inner = null;
            chirpRe = null;
            chirpIm = null;
            return;
        }
        int m = Integer.highestOneBit(2 * n - 1) * 2;
        inner = new Fft(m);
        chirpRe = new double[m];
        chirpIm = new double[m];
        for (int j = 0; j < n; j++) {
            chirpRe[j] = chirpRe[(m - j) % m] = cos[j];
            chirpIm[j] = chirpIm[(m - j) % m] = -sin[j];
        }
        inner.transform(chirpRe, chirpIm);
    }

    /** Transforms n complex numbers in place. */
    void transform(double[] re, double[] im) {
        if (inner == null) {
            powerOfTwo(re, im);
        } else {
            bluestein(re, im);
        }
    }

    private void powerOfTwo(double[] re, double[] im) {
        for (int i = 1, j = 0; i < n; i++) {
            int bit = n >> 1;
            for (; (j & bit) != 0; bit >>= 1) {
                j ^= bit;
            }
            j |= bit;
            if (i < j) {
                double r = re[i];
                re[i] = re[j];
                re[j] = r;
                double s = im[i];
                im[i] = im[j];
                im[j] = s;
            }
        }
        for (int half = 1; half < n; half *= 2) {
            int step = n / (2 * half);
            for (int from = 0; from < n; from += 2 * half) {
                for (int k = 0; k < half; k++) {
                    int a = from + k;
                    int b = a + half;
                    double r = re[b] * cos[k * step] - im[b] * sin[k * step];
                    double s = re[b] * sin[k * step] + im[b] * cos[k * step];
                    re[b] = re[a] - r;
                    im[b] = im[a] - s;
                    re[a] += r;
                    im[a] += s;
                }
            }
        }
    }

    private void bluestein(double[] re, double[] im) {
        int m = inner.n;
        double[] a = new double[m];
        double[] b = new double[m];
        for (int j = 0; j < n; j++) {
            a[j] = re[j] * cos[j] - im[j] * sin[j];
            b[j] = re[j] * sin[j] + im[j] * cos[j];
        }
        inner.transform(a, b);
        for (int j = 0; j < m; j++) {
            // conjugated, so that the second transform is the inverse
            double r = a[j] * chirpRe[j] - b[j] * chirpIm[j];
            b[j] = -(a[j] * chirpIm[j] + b[j] * chirpRe[j]);
            a[j] = r;
        }
        inner.transform(a, b);
        for (int k = 0; k < n; k++) {
            double r = a[k] / m;
            double s = -b[k] / m;
            re[k] = r * cos[k] - s * sin[k];
            im[k] = r * sin[k] + s * cos[k];
        }
    }
}
