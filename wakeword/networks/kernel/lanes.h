// LANES clips side by side: one value of each clip, as a vector.
//
// These headers are parts of recurrence.cpp; in one translation unit, all of it can be inlined.

#pragma once

#include <algorithm>
#include <cstdint>

namespace {

constexpr int64_t LANES = 16;
#define UNROLL _Pragma("GCC unroll 16")  // keeps the sums of a tile in registers
#define INLINE inline __attribute__((always_inline))  // passes whole vectors in registers

// Sums that a product keeps in registers: rows of a vector, or rows and columns of an outer product.
#ifdef __AVX512F__
constexpr int64_t ROWS = 16, TILE = 5;  // a vector of floats takes one of 32 registers
#else
constexpr int64_t ROWS = 6, TILE = 2;
#endif

template <typename Real>
struct Vector {
    typedef Real type __attribute__((vector_size(LANES * sizeof(Real)), aligned(sizeof(Real)), may_alias));
};
template <typename Real>
using Lanes = typename Vector<Real>::type;

template <typename Real>
Lanes<Real> all(Real value) {
    return value - Lanes<Real>{};
}

template <typename Real>
const Lanes<Real>* lanes(const Real* values) {
    return reinterpret_cast<const Lanes<Real>*>(values);
}

template <typename Real>
Lanes<Real>* lanes(Real* values) {
    return reinterpret_cast<Lanes<Real>*>(values);
}

// Transpose `present` clips of `count` numbers, `stride` apart, to (count, LANES), and back. Other lanes are zero.
template <typename Real>
void to_lanes(const Real* clips, int64_t present, int64_t stride, int64_t count, Real* to) {
    for (int64_t first = 0; first < count; first += LANES)  // one square at a time, which stays in the cache
        for (int64_t lane = 0; lane < LANES; lane++)
            for (int64_t i = first; i < std::min(first + LANES, count); i++)
                to[i * LANES + lane] = lane < present ? clips[lane * stride + i] : 0;
}

template <typename Real>
void from_lanes(const Real* from, int64_t present, int64_t count, Real* clips) {
    for (int64_t first = 0; first < count; first += LANES)
        for (int64_t lane = 0; lane < present; lane++)
            for (int64_t i = first; i < std::min(first + LANES, count); i++)
                clips[lane * count + i] = from[i * LANES + lane];
}

}  // namespace
