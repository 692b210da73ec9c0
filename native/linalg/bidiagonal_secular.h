// The singular values of a matrix that is zero but for its first row z and its diagonal (0, pole(1), pole(2), ...): the
// roots of f(s) = 1 + sum of z(j)^2 / (pole(j)^2 - s^2), one between each pole and the next, the last above all poles.
// Poles rise; they and the roots are doubles for either type.
#pragma once
#include "householder.h"

namespace nabla::NABLA_ISA {
namespace {

// A root as its distance from the nearest pole, which is exact to the last bits where the difference of the two is not.
struct Root {
  double origin, distance;

  double value() const { return origin + distance; }
};

struct Secular {
  int64_t count;
  const double *pole, *z;

  // s^2 - pole(j)^2 for a vector of poles.
  static F64 difference(F64 poles, const Root& s) {
    return (splat(s.distance) + (s.origin - poles)) * (splat(s.distance) + (s.origin + poles));
  }
  double difference(int64_t j, const Root& s) const {
    return (s.distance + (s.origin - pole[j])) * (s.distance + (s.origin + pole[j]));
  }

  // Sums over poles from..to of z^2 / (pole^2 - s^2), and of the derivative by s^2.
  void sum(int64_t from, int64_t to, const Root& s, double& value, double& slope) const {
    constexpr int lanes = kVecLanes<double>;
    F64 values = {}, slopes = {};
    for (int64_t j = from; j < to; j += lanes) {
      const int64_t left = to - j;
      const F64 poles = left < lanes ? load_part<F64>(pole + j, left, F64{} + s.value() + 1) : load<F64>(pole + j);
      const F64 factor = left < lanes ? load_part<F64>(z + j, left, F64{}) : load<F64>(z + j);
      const F64 quotient = factor / difference(poles, s);
      values -= factor * quotient;
      slopes += quotient * quotient;
    }
    value = sum_of_lanes<double>(values);
    slope = sum_of_lanes<double>(slopes);
  }

  // The root of c * x^2 - a * x + b that a rational model of f has between its poles.
  static double model_root(double a, double b, double c) {
    const double r = root(absolute(a * a - 4 * b * c));
    return a <= 0 ? (a - r) / (2 * c) : 2 * b / (a + r);
  }
  // The step of s that adds `square` to s^2.
  static double step(double s, double square) { return square / (s + root(s * s + square)); }

  // The root above pole i, by the iteration of R.-C. Li ("the middle way", LAPACK working note 89) kept within
  // brackets: the poles on either side are modelled by one each, which matches the value and the slope of their sum.
  Root solve(int64_t i, double accuracy) const {
    const bool outer = i + 1 == count;
    double width = outer ? 0 : pole[i + 1] - pole[i];
    if (outer) {
      double squares = 0;
      for (int64_t j = 0; j < count; j++) squares += z[j] * z[j];
      width = 2 * step(pole[i], squares);
    }
    // f rises between poles: its sign half way tells which one is nearer.
    Root s = {pole[i], width / 2};
    double psi, psi_slope, phi = 0, phi_slope = 0;
    sum(0, i + 1, s, psi, psi_slope);
    if (!outer) sum(i + 1, count, s, phi, phi_slope);
    const double half_way = 1 + psi + phi;
    const bool from_below = outer || half_way >= 0;
    double low = 0, high = width / 2;
    if (!from_below) {
      s = {pole[i + 1], -width / 2};
      low = -width / 2, high = 0;
    }
    // A first guess from the nearest poles' own terms and all others' half way.
    const double near = z[i] * z[i];
    if (outer) {
      const double c = half_way + near / difference(i, s);
      s.distance = step(s.origin, near / c);
    } else {
      const double next = z[i + 1] * z[i + 1];
      const double c = half_way + near / difference(i, s) + next / difference(i + 1, s);
      const double gap = width * (pole[i + 1] + pole[i]);
      const double square = from_below ? model_root(c * gap + near + next, near * gap, c)
                                       : model_root(-c * gap + near + next, -next * gap, c);
      s.distance = step(s.origin, square);
    }
    if (!(s.distance > low && s.distance < high)) s.distance = low + (high - low) / 2;

    for (int iteration = 0; iteration < 100; iteration++) {
      sum(0, i + 1, s, psi, psi_slope);
      if (!outer) sum(i + 1, count, s, phi, phi_slope);
      const double f = 1 + psi + phi;
      if (absolute(f) <= accuracy * (1 + absolute(psi) + absolute(phi))) break;
      (f < 0 ? low : high) = s.distance;

      const double below = -difference(i, s), value = s.value();
      double square;
      if (outer) {
        square = below + below * below * psi_slope / (f - below * psi_slope);
      } else {
        const double above = -difference(i + 1, s);
        square = model_root((below + above) * f - below * above * (psi_slope + phi_slope), below * above * f,
                            f - below * psi_slope - above * phi_slope);
      }
      double next = s.distance + step(value, square);
      if (!(next > low && next < high)) next = low + (high - low) / 2;
      if (!(next > low && next < high) || next == s.distance) break;
      s.distance = next;
    }
    return s;
  }
};

}  // namespace
}  // namespace nabla::NABLA_ISA
