// The non-linearities with their slopes, smooth and hard (piecewise linear), and the rounding of quantized values.

#pragma once

#include <cmath>

#ifdef __AVX512F__
#include <immintrin.h>
#endif

#include "lanes.h"

namespace {

template <typename Real>
INLINE Lanes<Real> clamped(Lanes<Real> x, Real low, Real high) {
    x = x < low ? all(low) : x;
    return x > high ? all(high) : x;
}

// e^x with x clamped to a range. Beyond the range the logistic function is 0 or 1 to the last bit; at its ends the
// product of two exponentials is still finite.
INLINE Lanes<double> exponential(Lanes<double> x) {
    const Lanes<double> within = clamped<double>(x, -350, 350);
    Lanes<double> y;
    for (int64_t lane = 0; lane < LANES; lane++) y[lane] = std::exp(within[lane]);
    return y;
}

// 2^n e^r with |r| <= ln(2) / 2; eight terms of the Taylor series of e^r are within float's rounding.
INLINE Lanes<float> exponential(Lanes<float> x) {
    typedef int32_t Integers __attribute__((vector_size(LANES * 4)));
    x = clamped<float>(x, -43, 43);
    constexpr float ROUND = 12582912;  // 1.5 * 2^23: a sum with it is rounded to a whole number
    const Lanes<float> shifted = x * 1.44269504f + ROUND, whole = shifted - ROUND;
    const Lanes<float> r = x - whole * 0.693359375f + whole * 2.12194440e-4f;  // ln 2 in two parts
    Lanes<float> y = all(1.0f / 5040);
    for (float factorial : {720.0f, 120.0f, 24.0f, 6.0f, 2.0f, 1.0f, 1.0f}) y = y * r + 1 / factorial;
    const Integers power = (reinterpret_cast<const Integers&>(shifted) + 127) << 23;
    return y * reinterpret_cast<const Lanes<float>&>(power);
}

template <typename Real>
struct WithSlope {
    Lanes<Real> value, slope;
};

template <typename Real>
Lanes<Real> inside(Lanes<Real> x, Real low, Real high, Real slope) {
    return (x >= low) & (x <= high) ? all(slope) : Lanes<Real>{};
}

template <typename Real>
INLINE WithSlope<Real> hard_sigmoid(Lanes<Real> x) {
    return {clamped<Real>(Real(0.5) + Real(0.25) * x, 0, 1), inside<Real>(x, -2, 2, Real(0.25))};
}

template <typename Real>
INLINE WithSlope<Real> hard_tanh(Lanes<Real> x) {
    return {clamped<Real>(x, -1, 1), inside<Real>(x, -1, 1, 1)};
}

template <typename Real>
INLINE Lanes<Real> reciprocal(Lanes<Real> x) {
    return 1 / x;
}

#ifdef __AVX512F__
// 14 bits by the processor's table, doubled by a Newton step: a division costs as much as two exponentials.
template <>
INLINE Lanes<float> reciprocal<float>(Lanes<float> x) {
    const Lanes<float> y = _mm512_rcp14_ps(x);
    return y * (2 - x * y);
}
#endif

// The logistic function of two arguments by one reciprocal.
template <typename Real>
INLINE void logistic(Lanes<Real>& x, Lanes<Real>& y) {
    const Lanes<Real> a = 1 + exponential(-x), b = 1 + exponential(-y), both = reciprocal<Real>(a * b);
    x = b * both;
    y = a * both;
}

// The smooth functions from the logistic function y, of x for sigmoid, of 2 x for tanh.
template <typename Real>
INLINE WithSlope<Real> smooth_sigmoid(Lanes<Real> y) {
    return {y, y * (1 - y)};
}

template <typename Real>
INLINE WithSlope<Real> smooth_tanh(Lanes<Real> y) {
    const Lanes<Real> value = 2 * y - 1;
    return {value, 1 - value * value};
}

template <typename Real>
INLINE WithSlope<Real> mixed(WithSlope<Real> from, WithSlope<Real> to, Real share) {
    return {from.value + share * (to.value - from.value), from.slope + share * (to.slope - from.slope)};
}

template <typename Real>
INLINE Lanes<Real> rounded(Lanes<Real> x, Real scale) {  // half up, to a multiple of 1 / scale
    constexpr Real ROUND = sizeof(Real) == 4 ? 12582912 : 6755399441055744;  // as above; 1.5 * 2^52
    const Lanes<Real> y = x * scale + Real(0.5), nearest = (y + ROUND) - ROUND;
    return (nearest > y ? nearest - 1 : nearest) * (1 / scale);
}

}  // namespace
