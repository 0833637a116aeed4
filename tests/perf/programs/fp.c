/* Floating-point work. The build allows no contraction that the guest's own arithmetic would not
 * show: CHECK values are those of IEEE 754. */
#include <math.h>

#include "bench.h"

static uint64_t lorenz(uint64_t repeats) {
  double x = 1, y = 1, z = 1;
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < 1000; ++i) {
      const double dx = 10 * (y - x), dy = x * (28 - z) - y, dz = x * y - z * (8.0 / 3);
      x += dx * 0.002;
      y += dy * 0.002;
      z += dz * 0.002;
    }
  }
  return bits_of(x + y + z);
}

enum { kSide = 48 };

static uint64_t multiply(uint64_t repeats) {
  static double a[kSide][kSide], b[kSide][kSide], c[kSide][kSide];
  for (int i = 0; i < kSide; ++i) {
    for (int j = 0; j < kSide; ++j) a[i][j] = 1.0 / (i + j + 1), b[i][j] = (i * 7 + j) % 13 - 6;
  }
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < kSide; ++i) {
      for (int j = 0; j < kSide; ++j) {
        double sum = c[i][j] * 0.25;
        for (int k = 0; k < kSide; ++k) sum += a[i][k] * b[k][j];
        c[i][j] = sum;
      }
    }
  }
  return bits_of(c[3][5] + c[kSide - 1][7]);
}

/* No pass makes its numbers larger: however often it is done they stay finite. */
static uint64_t fourier(uint64_t repeats) {
  enum { kPoints = 128 };
  static double re[kPoints], im[kPoints], cosine[kPoints], sine[kPoints];
  for (int i = 0; i < kPoints; ++i) {
    re[i] = (i * 37 % 64) / 64.0;
    im[i] = 0;
    cosine[i] = cos(2 * M_PI * i / kPoints);
    sine[i] = sin(2 * M_PI * i / kPoints);
  }
  for (; repeats > 0; --repeats) {
    for (int span = kPoints / 2; span > 0; span /= 2) {
      for (int start = 0; start < kPoints; start += 2 * span) {
        for (int i = start; i < start + span; ++i) {
          const int turn = (i - start) * (kPoints / 2 / span);
          const double dr = re[i] - re[i + span], di = im[i] - im[i + span];
          re[i] = (re[i] + re[i + span]) * 0.5;
          im[i] = (im[i] + im[i + span]) * 0.5;
          re[i + span] = (dr * cosine[turn] - di * sine[turn]) * 0.7;
          im[i + span] = (dr * sine[turn] + di * cosine[turn]) * 0.7;
        }
      }
    }
    for (int i = 0; i < kPoints; ++i) re[i] += (double)(i & 3);
  }
  return bits_of(re[1] + im[9]);
}

static uint64_t julia(uint64_t repeats) {
  uint64_t total = 0;
  for (; repeats > 0; --repeats) {
    for (int row = 0; row < 32; ++row) {
      for (int column = 0; column < 32; ++column) {
        double x = column / 12.0 - 1.3, y = row / 12.0 - 1.3;
        int steps = 0;
        while (steps < 80 && x * x + y * y < 4) {
          const double old = x;
          x = x * x - y * y - 0.79;
          y = 2 * old * y + 0.15;
          ++steps;
        }
        total += (uint64_t)steps;
      }
    }
  }
  return total;
}

static uint64_t single(uint64_t repeats) {
  float value = 0.3f, sum = 0;
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < 1000; ++i) {
      value = 3.7f * value * (1.0f - value);
      sum += value / (1.0f + (float)i);
    }
  }
  return bits_of((double)sum);
}

static uint64_t roots(uint64_t repeats) {
  double sum = 0;
  for (; repeats > 0; --repeats) {
    for (int i = 1; i <= 500; ++i) sum += sqrt(i + sum * 1e-9) / (1 + i);
  }
  return bits_of(sum);
}

static uint64_t library(uint64_t repeats) {
  double sum = 0;
  for (; repeats > 0; --repeats) {
    for (int i = 1; i <= 100; ++i) sum += sin(i * 0.1) * exp(-i * 0.01) + log(i) + pow(i, 0.3);
  }
  return bits_of(sum);
}

static uint64_t convert(uint64_t repeats) {
  int64_t value = 123456789;
  for (; repeats > 0; --repeats) {
    for (int i = 0; i < 1000; ++i) value = ((int64_t)((double)value * 1.0001) ^ i) & 0xffffffffff;
  }
  return (uint64_t)value;
}

int main(int argc, char** argv) {
  static const struct kernel kernels[] = {
      {"fp-lorenz", lorenz, 1e-3, "Mstep/s"},
      {"fp-multiply", multiply, 2.0 * kSide * kSide * kSide * 1e-6, "Mflop/s"},
      {"fp-fourier", fourier, 1e-3, "kfft/s"},
      {"fp-julia", julia, 1024e-3, "kpixel/s"},
      {"fp-single", single, 1e-3, "Mstep/s"},
      {"fp-roots", roots, 500e-6, "Mroot/s"},
      {"fp-library", library, 400e-6, "Mcall/s"},
      {"fp-convert", convert, 1e-3, "Mstep/s"},
  };
  return run_kernels(kernels, COUNT_OF(kernels), argc, argv);
}
