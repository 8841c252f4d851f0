// Products of small matrices with vectors of lanes, and outer products; all sums stay in registers.

#pragma once

#include <type_traits>

#include "lanes.h"

namespace {

// Call f(n) with n, from 0 to MOST, as a compile-time constant.
template <int64_t MOST, typename F>
INLINE void with_constant(int64_t n, const F& f) {
    if constexpr (MOST > 0) {
        if (n == MOST)
            f(std::integral_constant<int64_t, MOST>{});
        else
            with_constant<MOST - 1>(n, f);
    }
}

// Call f(first, n) for pieces of 0 ... count of even lengths n, at most MOST; n is a compile-time constant. A single
// row left over would take as long as ROWS of them, since each addition to its sum waits for the one before.
template <int64_t MOST, typename F>
INLINE void in_pieces(int64_t count, const F& f) {
    const int64_t pieces = (count + MOST - 1) / MOST;
    for (int64_t piece = 0; piece < pieces; piece++) {
        const int64_t first = piece * count / pieces;
        with_constant<MOST>((piece + 1) * count / pieces - first, [&](auto n) { f(first, n); });
    }
}

// y = M x, or y += M x: transposed M (cols, rows), x (cols, LANES), y (rows, LANES).
template <bool ADD, typename Real>
void multiply(const Real* transposed, int64_t rows, int64_t cols, const Real* x, Real* y) {
    in_pieces<ROWS>(rows, [&](int64_t first, auto n) {
        constexpr int64_t N = decltype(n)::value;
        Lanes<Real> sums[N];
        UNROLL for (int64_t row = 0; row < N; row++) sums[row] = ADD ? lanes(y)[first + row] : Lanes<Real>{};
        for (int64_t col = 0; col < cols; col++) {
            const Lanes<Real> value = lanes(x)[col];
            const Real* weights = transposed + col * rows + first;
            UNROLL for (int64_t row = 0; row < N; row++) sums[row] += weights[row] * value;
        }
        UNROLL for (int64_t row = 0; row < N; row++) lanes(y)[first + row] = sums[row];
    });
}

template <typename Real>
INLINE Real sum(Lanes<Real> x) {  // by halves, which are vectors, too
    typedef Real Half __attribute__((vector_size(LANES / 2 * sizeof(Real))));
    typedef Real Quarter __attribute__((vector_size(LANES / 4 * sizeof(Real))));
    const Half half = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) +
                      __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
    const Quarter quarter = __builtin_shufflevector(half, half, 0, 1, 2, 3) +
                            __builtin_shufflevector(half, half, 4, 5, 6, 7);
    return (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
}

template <typename Real, int64_t N, int64_t M>
void outer_tile(const Real* a, int64_t a_rows, const Real* b, int64_t b_rows, int64_t frames, Real* to) {
    Lanes<Real> sums[N][M] = {};
    for (int64_t t = 0; t < frames; t++)
        UNROLL for (int64_t i = 0; i < N; i++)
            UNROLL for (int64_t j = 0; j < M; j++) sums[i][j] += lanes(a)[t * a_rows + i] * lanes(b)[t * b_rows + j];
    UNROLL for (int64_t i = 0; i < N; i++)
        UNROLL for (int64_t j = 0; j < M; j++) to[i * b_rows + j] += sum<Real>(sums[i][j]);
}

// to += a b^T over frames and lanes: a (frames, a_rows, LANES), b (frames, b_rows, LANES), to (a_rows, b_rows).
template <typename Real>
void outer(const Real* a, int64_t a_rows, const Real* b, int64_t b_rows, int64_t frames, Real* to) {
    in_pieces<TILE>(b_rows, [&](int64_t j, auto m) {
        in_pieces<TILE>(a_rows, [&](int64_t i, auto n) {
            outer_tile<Real, decltype(n)::value, decltype(m)::value>(a + i * LANES, a_rows, b + j * LANES, b_rows,
                                                                     frames, to + i * b_rows + j);
        });
    });
}

}  // namespace
