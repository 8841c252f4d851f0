// LANES clips side by side: a value of each, as one vector.
//
// These headers are parts of recurrence.cpp, apart to be read one by one; what has no name outside stays inlined.

#pragma once

#include <algorithm>
#include <cstdint>

namespace {

constexpr int64_t LANES = 16;
#define UNROLL _Pragma("GCC unroll 16")  // without it, sums of a tile go through memory
#define INLINE inline __attribute__((always_inline))  // whole vectors don't pass through memory then

// What a product sums side by side, each sum in a register: rows of a vector, or rows and columns of an outer product.
#ifdef __AVX512F__
constexpr int64_t ROWS = 16, TILE = 5;  // a value of floats takes one of 32 registers
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

// The numbers of `present` clips, each `count` long, `stride` apart, as (count, LANES), and back. Other lanes are zero.
template <typename Real>
void to_lanes(const Real* clips, int64_t present, int64_t stride, int64_t count, Real* to) {
    for (int64_t first = 0; first < count; first += LANES)  // a square at a time, which stays in the cache
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
