// The recurrence of FastGRNN and FastRNN over whole clips, forward and backward, for training on a CPU.
//
// Clips go through in chunks of LANES, one clip a lane of a vector, so that every value below is LANES values: a
// weight is multiplied with all of them at once. What a chunk is computed in is laid out as (T, rows, LANES); what
// comes from outside and goes there, as (B, T, rows). Gradients of parameters are given chunk by chunk, and then summed
// in that order: the number of threads changes no bit.
//
// One frame (wakeword/cells/fast.py has the equations, wakeword/quantize.py the roundings):
//     s = q_s(P h)                     the rank vector; without low rank P is left out and s = h
//     pre = q(A x) + q(S s)            x: the input's rank vector, or the input
//     FastGRNN: z = min(limit, gate(pre + b_z)), h' = q((q_g(zeta (1 - z)) + nu) tanh(pre + b_h) + z h)
//     FastRNN:  h' = alpha tanh(pre + b_h) + beta h

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#ifdef __AVX512F__
#include <immintrin.h>
#endif
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

namespace {

using at::Tensor;
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

// ---- Non-linearities -------------------------------------------------------------------------------------------

template <typename Real>
INLINE Lanes<Real> clamped(Lanes<Real> x, Real low, Real high) {
    x = x < low ? all(low) : x;
    return x > high ? all(high) : x;
}

// e^x, of an x within a range: beyond it the logistic function is 0 or 1 to the last bit, and the product of two
// exponentials is still finite at its end.
INLINE Lanes<double> exponential(Lanes<double> x) {
    const Lanes<double> within = clamped<double>(x, -350, 350);
    Lanes<double> y;
    for (int64_t lane = 0; lane < LANES; lane++) y[lane] = std::exp(within[lane]);
    return y;
}

// 2^n e^r with |r| <= ln(2) / 2, e^r by its Taylor series: eight terms leave less than float's rounding.
INLINE Lanes<float> exponential(Lanes<float> x) {
    typedef int32_t Integers __attribute__((vector_size(LANES * 4)));
    x = clamped<float>(x, -43, 43);
    constexpr float ROUND = 12582912;  // 1.5 * 2^23: a sum with it has no room for a fraction, its last bits are whole
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
INLINE WithSlope<Real> piecewise_sigmoid(Lanes<Real> x) {
    return {clamped<Real>(Real(0.5) + Real(0.25) * x, 0, 1), inside<Real>(x, -2, 2, Real(0.25))};
}

template <typename Real>
INLINE WithSlope<Real> piecewise_tanh(Lanes<Real> x) {
    return {clamped<Real>(x, -1, 1), inside<Real>(x, -1, 1, 1)};
}

template <typename Real>
INLINE Lanes<Real> reciprocal(Lanes<Real> x) {
    return 1 / x;
}

#ifdef __AVX512F__
// 14 bits by a table of the processor, doubled by a step of Newton's: a division costs as much as two exponentials.
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

// The smooth functions from the logistic one, `y`: of x for sigmoid, of 2 x for tanh.
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

// ---- Matrix products -------------------------------------------------------------------------------------------

// Call f(n) with n, 0 to MOST, as a compile-time constant.
template <int64_t MOST, typename F>
INLINE void with_constant(int64_t n, const F& f) {
    if constexpr (MOST > 0) {
        if (n == MOST)
            f(std::integral_constant<int64_t, MOST>{});
        else
            with_constant<MOST - 1>(n, f);
    }
}

// Call f(first, n) for pieces of 0 ... count that are at most MOST long and as even as can be; n is a compile-time
// constant. An odd row left over would take as long as ROWS of them: its sum has to wait for itself.
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
INLINE Real sum(Lanes<Real> x) {  // by halves, which are vectors too
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

// ---- The recurrence --------------------------------------------------------------------------------------------

enum Gate : int64_t { SIGMOID = 0, TANH = 1, NONE = 2 };  // NONE: FastRNN

template <typename Real>
struct Cell {
    int64_t frames, inputs, hidden, rank;
    bool low_rank, quantised;
    Gate gate;
    Real piecewise, limit;
    Real gain, offset;  // zeta and nu; of FastRNN alpha and beta
    Real rank_scale, rank_limit;  // 2^bits of the rank vector, and the largest int16 in it
    const Real *from_input, *from_state, *project;  // A (H, inputs), S (H, rank), P (rank, H); forward, transposed
    const Real *bias_gate, *bias_update;

    static constexpr Real STATE_SCALE = 4096, GATE_SCALE = 32768, STATE_LOW = -8, STATE_HIGH = 32767.0 / 4096;

    Lanes<Real> rank_low() const { return all(-rank_limit - 1 / rank_scale); }
};

template <typename Real>
struct Step {  // what one unit does in one frame, for both directions
    WithSlope<Real> gate, candidate;
    Lanes<Real> keep, gain;  // h' = gain * candidate + keep * h
};

template <typename Real>
INLINE Step<Real> step_of(const Cell<Real>& cell, Lanes<Real> pre, int64_t unit) {
    const Lanes<Real> x = pre + cell.bias_gate[unit], y = pre + cell.bias_update[unit];
    Step<Real> step{};
    if (cell.piecewise < 1) {
        Lanes<Real> gate = cell.gate == TANH ? 2 * x : x, candidate = 2 * y;
        logistic<Real>(gate, candidate);
        step.gate = cell.gate == TANH ? smooth_tanh<Real>(gate) : smooth_sigmoid<Real>(gate);
        step.candidate = smooth_tanh<Real>(candidate);
    }
    if (cell.piecewise > 0) {
        const WithSlope<Real> gate = cell.gate == TANH ? piecewise_tanh<Real>(x) : piecewise_sigmoid<Real>(x);
        step.gate = mixed<Real>(step.gate, gate, cell.piecewise);
        step.candidate = mixed<Real>(step.candidate, piecewise_tanh<Real>(y), cell.piecewise);
    }
    if (cell.gate == NONE) {
        step.keep = all(cell.offset);
        step.gain = all(cell.gain);
        return step;
    }
    step.gate.slope = step.gate.value <= cell.limit ? step.gate.slope : Lanes<Real>{};
    step.keep = step.gate.value > cell.limit ? all(cell.limit) : step.gate.value;
    step.gain = cell.gain * (1 - step.keep);
    if (cell.quantised) step.gain = rounded<Real>(step.gain, cell.GATE_SCALE);
    step.gain += cell.offset;
    return step;
}

// What forward keeps of a chunk for backward.
template <typename Real>
struct Kept {
    Real *pre, *ranks, *states;  // (T, H, LANES), (T, rank, LANES), (T, H, LANES)
};

template <typename Real>
Lanes<Real> rounded_rank(const Cell<Real>& cell, Lanes<Real> x) {
    const Lanes<Real> value = rounded<Real>(x, cell.rank_scale), low = cell.rank_low();
    const Lanes<Real> above = value < low ? low : value;
    return above > cell.rank_limit ? all(cell.rank_limit) : above;
}

template <typename Real>
void forward_chunk(const Cell<Real>& cell, const Real* inputs, const Real* initial, Kept<Real> to) {
    const int64_t hidden = cell.hidden, width = hidden * LANES;
    std::vector<Real> scratch(width);
    const Real* before = initial;
    for (int64_t t = 0; t < cell.frames; t++) {
        const Real* s = before;
        if (cell.low_rank) {
            multiply<false>(cell.project, cell.rank, hidden, before, to.ranks);
            for (int64_t i = 0; cell.quantised && i < cell.rank; i++)
                lanes(to.ranks)[i] = rounded_rank<Real>(cell, lanes(to.ranks)[i]);
            s = to.ranks;
            to.ranks += cell.rank * LANES;
        }
        multiply<false>(cell.from_input, hidden, cell.inputs, inputs + t * cell.inputs * LANES, to.pre);
        if (cell.quantised) {
            multiply<false>(cell.from_state, hidden, cell.rank, s, scratch.data());
            for (int64_t unit = 0; unit < hidden; unit++)
                lanes(to.pre)[unit] = rounded<Real>(lanes(to.pre)[unit], cell.STATE_SCALE) +
                                      rounded<Real>(lanes(scratch.data())[unit], cell.STATE_SCALE);
        } else {
            multiply<true>(cell.from_state, hidden, cell.rank, s, to.pre);
        }
        for (int64_t unit = 0; unit < hidden; unit++) {
            // What the next frame is written to, so that its stores need not wait for memory.
            __builtin_prefetch(lanes(to.pre) + hidden + unit, 1);
            __builtin_prefetch(lanes(to.states) + hidden + unit, 1);
            const Step<Real> step = step_of(cell, lanes(to.pre)[unit], unit);
            Lanes<Real> state = step.gain * step.candidate.value + step.keep * lanes(before)[unit];
            if (cell.quantised)
                state = clamped<Real>(rounded<Real>(state, cell.STATE_SCALE), cell.STATE_LOW, cell.STATE_HIGH);
            lanes(to.states)[unit] = state;
        }
        before = to.states;
        to.states += width;
        to.pre += width;
    }
}

// What flows back through one frame's units: `back` (H, LANES) holds the gradient of h' and then z times it.
template <typename Real>
void backward_units(const Cell<Real>& cell, const Real* pre, const Real* before, const Real* after, Real* back,
                    Real* to_pre, Real* sums_gate, Real* sums_update, Lanes<Real> scalars[2]) {
    for (int64_t unit = 0; unit < cell.hidden; unit++) {
        // The frame that comes next lies before this one, where the processor doesn't look ahead by itself.
        __builtin_prefetch(lanes(pre) + unit - cell.hidden);
        __builtin_prefetch(lanes(before) + unit - cell.hidden);
        const Step<Real> step = step_of(cell, lanes(pre)[unit], unit);
        Lanes<Real> flow = lanes(back)[unit];
        if (cell.quantised) {
            // Saturated states are rare, and the state itself tells them but for those that reached the end exactly.
            const Lanes<Real> state = lanes(after)[unit];
            flow = (state > cell.STATE_LOW) & (state < cell.STATE_HIGH) ? flow : Lanes<Real>{};
        }
        const Lanes<Real> to_gain = flow * step.candidate.value, to_keep = flow * lanes(before)[unit];
        const Lanes<Real> to_update = flow * step.gain * step.candidate.slope;
        if (cell.gate == NONE) {
            scalars[0] += to_gain;
            scalars[1] += to_keep;
            lanes(to_pre)[unit] = to_update;
        } else {
            const Lanes<Real> to_gate = (to_keep - cell.gain * to_gain) * step.gate.slope;
            scalars[0] += to_gain * (1 - step.keep);
            scalars[1] += to_gain;
            lanes(sums_gate)[unit] += to_gate;
            lanes(to_pre)[unit] = to_update + to_gate;
        }
        lanes(sums_update)[unit] += to_update;
        lanes(back)[unit] = flow * step.keep;
    }
}

// The outer products of so many frames are taken at once: what they are of is then still in the cache.
constexpr int64_t BLOCK = 48;

template <typename Real>
struct Gradients {  // of one chunk; the first three are of A, S, P
    Real *from_input, *from_state, *project, *bias_gate, *bias_update, *scalars;
    Real *inputs, *initial;  // in lanes
};

template <typename Real>
struct Scratch {  // what flows back: through pre-activations and rank vectors of a block, the states; for biases
    Real *to_pre, *to_rank, *back, *gates, *updates, *flow, *end;

    static int64_t size(const Cell<Real>& cell) {
        return (BLOCK * (cell.hidden + cell.rank) + 4 * cell.hidden) * LANES;
    }

    Scratch(const Cell<Real>& cell, Real* memory) {
        const int64_t width = cell.hidden * LANES;
        to_pre = memory;
        to_rank = to_pre + BLOCK * width;
        back = to_rank + BLOCK * cell.rank * LANES;
        gates = back + width;
        updates = gates + width;
        flow = updates + width;
        end = flow + width;
    }
};

// Through the products of a frame: `to` (H, LANES) flows back to the input, and to the state in `back`.
template <typename Real>
void backward_products(const Cell<Real>& cell, const Real* to, const Real* ranks, Real* to_input, Real* to_rank,
                       Real* back) {
    multiply<false>(cell.from_input, cell.inputs, cell.hidden, to, to_input);
    if (!cell.low_rank) {
        multiply<true>(cell.from_state, cell.hidden, cell.hidden, to, back);
        return;
    }
    multiply<false>(cell.from_state, cell.rank, cell.hidden, to, to_rank);
    for (int64_t i = 0; cell.quantised && i < cell.rank; i++) {
        const auto kept = (lanes(ranks)[i] > cell.rank_low()) & (lanes(ranks)[i] < cell.rank_limit);
        lanes(to_rank)[i] = kept ? lanes(to_rank)[i] : Lanes<Real>{};
    }
    multiply<true>(cell.project, cell.hidden, cell.rank, to_rank, back);
}

// The gradients of the matrices by the frames from `begin` to `end`.
template <typename Real>
void backward_matrices(const Cell<Real>& cell, int64_t begin, int64_t end, const Real* inputs, const Real* initial,
                       Kept<Real> kept, const Scratch<Real>& scratch, const Gradients<Real>& out) {
    const int64_t width = cell.hidden * LANES, frames = end - begin;
    outer(scratch.to_pre, cell.hidden, inputs + begin * cell.inputs * LANES, cell.inputs, frames, out.from_input);
    const Real* to = scratch.to_pre;  // through what is multiplied with the states
    int64_t rows = cell.hidden;
    Real* gradient = out.from_state;
    if (cell.low_rank) {
        outer(to, rows, kept.ranks + begin * cell.rank * LANES, cell.rank, frames, out.from_state);
        to = scratch.to_rank;
        rows = cell.rank;
        gradient = out.project;
    }
    const int64_t first = begin == 0;  // whose state before is the initial one
    if (first) outer(to, rows, initial, cell.hidden, 1, gradient);
    outer(to + first * rows * LANES, rows, kept.states + (begin + first - 1) * width, cell.hidden, frames - first,
          gradient);
}

// `flow` (present, wanted, H) is the gradient of the last `wanted` frames' states.
template <typename Real>
void backward_chunk(const Cell<Real>& cell, const Real* inputs, const Real* initial, Kept<Real> kept, const Real* flow,
                    int64_t present, int64_t wanted, const Scratch<Real>& scratch, Gradients<Real> out) {
    const int64_t hidden = cell.hidden, width = hidden * LANES;
    const auto [to_pre, to_rank, back, gates, updates, wanted_flow, memory_end] = scratch;
    for (Real* sums : {back, gates, updates}) std::fill_n(sums, width, Real(0));
    Lanes<Real> scalars[2] = {};
    for (int64_t end = cell.frames, begin; end > 0; end = begin) {
        begin = std::max<int64_t>(0, end - BLOCK);
        for (int64_t t = end - 1; t >= begin; t--) {
            const int64_t at = t - (cell.frames - wanted);
            if (at >= 0) {
                to_lanes(flow + at * hidden, present, wanted * hidden, hidden, wanted_flow);
                for (int64_t i = 0; i < width; i++) back[i] += wanted_flow[i];
            }
            Real* to = to_pre + (t - begin) * width;
            backward_units(cell, kept.pre + t * width, t ? kept.states + (t - 1) * width : initial,
                           kept.states + t * width, back, to, gates, updates, scalars);
            backward_products(cell, to, kept.ranks + t * cell.rank * LANES, out.inputs + t * cell.inputs * LANES,
                              to_rank + (t - begin) * cell.rank * LANES, back);
        }
        backward_matrices(cell, begin, end, inputs, initial, kept, scratch, out);
    }
    std::copy(back, back + width, out.initial);
    for (int64_t unit = 0; unit < hidden; unit++) {
        out.bias_gate[unit] = sum<Real>(lanes(gates)[unit]);
        out.bias_update[unit] = sum<Real>(lanes(updates)[unit]);
    }
    for (int64_t i = 0; i < 2; i++) out.scalars[i] = sum<Real>(scalars[i]);
}

// ---- Tensors ---------------------------------------------------------------------------------------------------

// What both directions are told of a cell. P has no rows where S is whole; rank_bits is -1 without quantisation.
template <typename Real>
Cell<Real> cell_of(const Tensor& inputs, const std::vector<Tensor>& weights, at::ArrayRef<double> scalars, int64_t gate,
                   int64_t rank_bits) {
    Cell<Real> cell;
    cell.frames = inputs.size(1);
    cell.inputs = inputs.size(2);
    cell.hidden = weights[3].numel();
    cell.rank = weights[1].numel() / cell.hidden;
    cell.low_rank = weights[2].numel() > 0;
    cell.quantised = rank_bits >= 0;
    cell.gate = static_cast<Gate>(gate);
    cell.gain = scalars[0];
    cell.offset = scalars[1];
    cell.piecewise = scalars[2];
    cell.limit = scalars[3];
    cell.rank_scale = std::ldexp(Real(1), rank_bits);
    cell.rank_limit = Real(32767) / cell.rank_scale;
    cell.from_input = weights[0].data_ptr<Real>();
    cell.from_state = weights[1].data_ptr<Real>();
    cell.project = weights[2].data_ptr<Real>();
    cell.bias_gate = weights[3].data_ptr<Real>();
    cell.bias_update = weights[4].data_ptr<Real>();
    return cell;
}

void check(const Tensor& inputs, const Tensor& initial, const std::vector<Tensor>& weights, size_t scalars) {
    TORCH_CHECK(inputs.dim() == 3, "inputs must have shape (B, T, inputs)");
    const int64_t hidden = weights[0].size(0), rank = weights[1].size(1);
    TORCH_CHECK(weights[0].size(1) == inputs.size(2), "A must have a column for each input");
    TORCH_CHECK(weights[1].size(0) == hidden, "S must have a row for each unit");
    const Tensor& project = weights[2];
    TORCH_CHECK(project.numel() ? project.size(0) == rank && project.size(1) == hidden : rank == hidden,
                "P must have shape (rank, H), or S be square");
    TORCH_CHECK(weights[3].numel() == hidden && weights[4].numel() == hidden, "a bias must have H values");
    TORCH_CHECK(initial.sizes() == at::IntArrayRef({inputs.size(0), hidden}), "h_0 must have shape (B, H)");
    TORCH_CHECK(inputs.size(1) > 0 && scalars == 4, "at least one frame and four scalars are needed");
    for (const Tensor& weight : weights) TORCH_CHECK(weight.is_contiguous(), "weights must be contiguous");
    TORCH_CHECK(inputs.is_contiguous() && initial.is_contiguous(), "inputs and h_0 must be contiguous");
}

// The data of clip, or chunk, number i of a tensor.
template <typename Real>
Real* part(const Tensor& tensor, int64_t i) {
    return tensor.data_ptr<Real>() + i * tensor.stride(0);
}

template <typename Real>
Kept<Real> kept_of(const std::vector<Tensor>& kept, int64_t chunk) {
    return {part<Real>(kept[0], chunk), part<Real>(kept[1], chunk), part<Real>(kept[2], chunk)};
}

// Call f(cell, clip, present, inputs, initial) for each chunk, side by side: its first clip, how many there are, and
// its inputs and h_0 in lanes.
template <typename Real, typename F>
void for_chunks(const Cell<Real>& cell, const Tensor& inputs, const Tensor& initial, const F& f) {
    const int64_t clips = inputs.size(0), width = inputs.stride(0);
    at::parallel_for(0, (clips + LANES - 1) / LANES, 1, [&](int64_t first, int64_t end) {
        const Tensor memory = at::empty((width + cell.hidden) * LANES, inputs.options());
        Real *const from_inputs = memory.data_ptr<Real>(), *const from_initial = from_inputs + width * LANES;
        for (int64_t clip = first * LANES; clip < std::min(end * LANES, clips); clip += LANES) {
            const int64_t present = std::min(LANES, clips - clip);
            to_lanes(part<Real>(inputs, clip), present, width, width, from_inputs);
            to_lanes(part<Real>(initial, clip), present, cell.hidden, cell.hidden, from_initial);
            f(clip, present, from_inputs, from_initial);
        }
    });
}

// The states (B, T - wanted_from, H), and what backward needs: of each chunk pre-activations, rank vectors and states.
std::vector<Tensor> forward(const Tensor& inputs, const Tensor& initial, std::vector<Tensor> weights,
                            at::ArrayRef<double> scalars, int64_t gate, int64_t rank_bits, int64_t wanted_from) {
    check(inputs, initial, weights, scalars.size());
    const int64_t clips = inputs.size(0), frames = inputs.size(1), hidden = weights[0].size(0);
    const int64_t chunks = (clips + LANES - 1) / LANES, rank = weights[2].numel() ? weights[1].size(1) : 0;
    TORCH_CHECK(wanted_from >= 0 && wanted_from <= frames, "there are no frames from ", wanted_from, " on");
    const Tensor result = at::empty({clips, frames - wanted_from, hidden}, inputs.options());
    std::vector<Tensor> kept;
    for (const int64_t rows : {hidden, rank, hidden})
        kept.push_back(at::empty({chunks, frames, rows, LANES}, inputs.options()));
    for (int64_t i = 0; i < 3; i++) weights[i] = weights[i].t().contiguous();
    AT_DISPATCH_FLOATING_TYPES(inputs.scalar_type(), "recurrence_forward", [&] {
        const Cell<scalar_t> cell = cell_of<scalar_t>(inputs, weights, scalars, gate, rank_bits);
        for_chunks(cell, inputs, initial, [&](int64_t clip, int64_t present, const auto* x, const auto* before) {
            const Kept<scalar_t> to = kept_of<scalar_t>(kept, clip / LANES);
            forward_chunk(cell, x, before, to);
            const scalar_t* wanted = to.states + wanted_from * hidden * LANES;
            from_lanes(wanted, present, result.stride(0), part<scalar_t>(result, clip));
        });
    });
    kept.insert(kept.begin(), result);
    return kept;
}

// `flow` (B, n, H) is the gradient of the last n frames' states.
// Gradients of: inputs, h_0 (as they are), then A, S, P, b_z, b_h and the two scalars, summed over the chunks.
std::vector<Tensor> backward(const Tensor& flow, const Tensor& inputs, const Tensor& initial, std::vector<Tensor> kept,
                             std::vector<Tensor> weights, at::ArrayRef<double> scalars, int64_t gate,
                             int64_t rank_bits) {
    check(inputs, initial, weights, scalars.size());
    const int64_t chunks = kept[0].size(0), hidden = weights[0].size(0), wanted = flow.size(1);
    TORCH_CHECK(flow.is_contiguous() && flow.sizes() == at::IntArrayRef({inputs.size(0), wanted, hidden}) &&
                    wanted <= inputs.size(1),
                "the gradient must have shape (B, n, H)");
    std::vector<Tensor> sums;  // a row for each chunk
    for (const Tensor& weight : weights) sums.push_back(at::zeros({chunks, weight.numel()}, inputs.options()));
    sums.push_back(at::zeros({chunks, 2}, inputs.options()));
    const Tensor to_inputs = at::empty_like(inputs), to_initial = at::empty_like(initial);
    AT_DISPATCH_FLOATING_TYPES(inputs.scalar_type(), "recurrence_backward", [&] {
        const Cell<scalar_t> cell = cell_of<scalar_t>(inputs, weights, scalars, gate, rank_bits);
        for_chunks(cell, inputs, initial, [&](int64_t clip, int64_t present, const auto* x, const auto* before) {
            const int64_t c = clip / LANES, width = inputs.stride(0);
            const Tensor memory = at::empty(Scratch<scalar_t>::size(cell) + (width + hidden) * LANES, inputs.options());
            const Scratch<scalar_t> scratch(cell, memory.data_ptr<scalar_t>());
            scalar_t *const of_inputs = scratch.end, *const of_initial = of_inputs + width * LANES;
            const auto gradient = [&](int64_t i) { return part<scalar_t>(sums[i], c); };
            backward_chunk<scalar_t>(cell, x, before, kept_of<scalar_t>(kept, c), part<scalar_t>(flow, clip), present,
                                     wanted, scratch,
                                     {gradient(0), gradient(1), gradient(2), gradient(3), gradient(4), gradient(5),
                                      of_inputs, of_initial});
            from_lanes(of_inputs, present, width, part<scalar_t>(to_inputs, clip));
            from_lanes(of_initial, present, hidden, part<scalar_t>(to_initial, clip));
        });
    });
    std::vector<Tensor> result = {to_inputs, to_initial};
    for (size_t i = 0; i < weights.size(); i++) result.push_back(sums[i].sum(0).view(weights[i].sizes()));
    result.push_back(sums.back().sum(0));
    return result;
}

#ifdef __GLIBC__
// The memory of a batch stays with the process for the next one: to give its pages back and to be given them anew,
// as malloc does by itself with much of it, takes as long as to compute.
const bool keeps_memory = mallopt(M_MMAP_THRESHOLD, 32 << 20) && mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif

}  // namespace

TORCH_LIBRARY(wakeword, library) {
    library.def("recurrence_forward(Tensor inputs, Tensor initial, Tensor[] weights, float[] scalars, int gate, "
                "int rank_bits, int wanted_from) -> Tensor[]", &forward);
    library.def("recurrence_backward(Tensor flow, Tensor inputs, Tensor initial, Tensor[] kept, Tensor[] weights, "
                "float[] scalars, int gate, int rank_bits) -> Tensor[]", &backward);
}
