// All frames of LANES clips through a cell, forward and backward.
//
// One frame (equations: wakeword/networks/fastgrnn.py; roundings: wakeword/quantization/fake_quant.py):
//     s = q_s(P h)                     the rank vector; without low rank, s = h
//     pre = q(A x) + q(S s)            x: the input's rank vector, or the input
//     FastGRNN: z = min(limit, gate(pre + b_z)), h' = q((q_g(zeta (1 - z)) + nu) tanh(pre + b_h) + z h)
//     FastRNN:  h' = alpha tanh(pre + b_h) + beta h

#pragma once

#include <cmath>
#include <vector>

#include "functions.h"
#include "lanes.h"
#include "products.h"

namespace {

enum Gate : int64_t { SIGMOID = 0, TANH = 1, NONE = 2 };  // NONE: FastRNN

template <typename Real>
struct Cell {
    int64_t frames, inputs, hidden, rank;
    bool low_rank, quantized;
    Gate gate;
    Real piecewise, limit;
    Real gain, offset;  // zeta and nu; for FastRNN alpha and beta
    Real rank_scale, rank_limit;  // 2^bits of the rank vector, and the largest int16 in it
    const Real *from_input, *from_state, *project;  // A (H, inputs), S (H, rank), P (rank, H); forward, transposed
    const Real *bias_gate, *bias_update;

    static constexpr Real STATE_SCALE = 4096, GATE_SCALE = 32768, STATE_LOW = -8, STATE_HIGH = 32767.0 / 4096;

    Lanes<Real> rank_low() const { return all(-rank_limit - 1 / rank_scale); }
};

template <typename Real>
struct Step {  // one unit in one frame, for both directions
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
        const WithSlope<Real> gate = cell.gate == TANH ? hard_tanh<Real>(x) : hard_sigmoid<Real>(x);
        step.gate = mixed<Real>(step.gate, gate, cell.piecewise);
        step.candidate = mixed<Real>(step.candidate, hard_tanh<Real>(y), cell.piecewise);
    }
    if (cell.gate == NONE) {
        step.keep = all(cell.offset);
        step.gain = all(cell.gain);
        return step;
    }
    step.gate.slope = step.gate.value <= cell.limit ? step.gate.slope : Lanes<Real>{};
    step.keep = step.gate.value > cell.limit ? all(cell.limit) : step.gate.value;
    step.gain = cell.gain * (1 - step.keep);
    if (cell.quantized) step.gain = rounded<Real>(step.gain, cell.GATE_SCALE);
    step.gain += cell.offset;
    return step;
}

// The values of a chunk that forward keeps for backward.
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
            for (int64_t i = 0; cell.quantized && i < cell.rank; i++)
                lanes(to.ranks)[i] = rounded_rank<Real>(cell, lanes(to.ranks)[i]);
            s = to.ranks;
            to.ranks += cell.rank * LANES;
        }
        multiply<false>(cell.from_input, hidden, cell.inputs, inputs + t * cell.inputs * LANES, to.pre);
        if (cell.quantized) {
            multiply<false>(cell.from_state, hidden, cell.rank, s, scratch.data());
            for (int64_t unit = 0; unit < hidden; unit++)
                lanes(to.pre)[unit] = rounded<Real>(lanes(to.pre)[unit], cell.STATE_SCALE) +
                                      rounded<Real>(lanes(scratch.data())[unit], cell.STATE_SCALE);
        } else {
            multiply<true>(cell.from_state, hidden, cell.rank, s, to.pre);
        }
        for (int64_t unit = 0; unit < hidden; unit++) {
            // Fetch the next frame's destination, so that its stores need not wait for memory.
            __builtin_prefetch(lanes(to.pre) + hidden + unit, 1);
            __builtin_prefetch(lanes(to.states) + hidden + unit, 1);
            const Step<Real> step = step_of(cell, lanes(to.pre)[unit], unit);
            Lanes<Real> state = step.gain * step.candidate.value + step.keep * lanes(before)[unit];
            if (cell.quantized)
                state = clamped<Real>(rounded<Real>(state, cell.STATE_SCALE), cell.STATE_LOW, cell.STATE_HIGH);
            lanes(to.states)[unit] = state;
        }
        before = to.states;
        to.states += width;
        to.pre += width;
    }
}

// Backward through one frame's units: `back` (H, LANES) holds the gradient of h' before, and z times it afterwards.
template <typename Real>
void backward_units(const Cell<Real>& cell, const Real* pre, const Real* before, const Real* after, Real* back,
                    Real* to_pre, Real* sums_gate, Real* sums_update, Lanes<Real> scalars[2]) {
    for (int64_t unit = 0; unit < cell.hidden; unit++) {
        // The next frame lies before this one in memory; the processor doesn't fetch backward by itself.
        __builtin_prefetch(lanes(pre) + unit - cell.hidden);
        __builtin_prefetch(lanes(before) + unit - cell.hidden);
        const Step<Real> step = step_of(cell, lanes(pre)[unit], unit);
        Lanes<Real> flow = lanes(back)[unit];
        if (cell.quantized) {
            // A state at the end of its range counts as saturated; one that got there exactly is rare.
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

// Outer products of this many frames are taken at once, while their operands are still in the cache.
constexpr int64_t BLOCK = 48;

template <typename Real>
struct Gradients {  // of one chunk; the first three are of A, S, P
    Real *from_input, *from_state, *project, *bias_gate, *bias_update, *scalars;
    Real *inputs, *initial;  // in lanes
};

template <typename Real>
struct Scratch {  // gradients: of a block's pre-activations and rank vectors, of the states, of the biases
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

// Backward through the products of a frame: from `to` (H, LANES) to the input, and to the state in `back`.
template <typename Real>
void backward_products(const Cell<Real>& cell, const Real* to, const Real* ranks, Real* to_input, Real* to_rank,
                       Real* back) {
    multiply<false>(cell.from_input, cell.inputs, cell.hidden, to, to_input);
    if (!cell.low_rank) {
        multiply<true>(cell.from_state, cell.hidden, cell.hidden, to, back);
        return;
    }
    multiply<false>(cell.from_state, cell.rank, cell.hidden, to, to_rank);
    for (int64_t i = 0; cell.quantized && i < cell.rank; i++) {
        const auto kept = (lanes(ranks)[i] > cell.rank_low()) & (lanes(ranks)[i] < cell.rank_limit);
        lanes(to_rank)[i] = kept ? lanes(to_rank)[i] : Lanes<Real>{};
    }
    multiply<true>(cell.project, cell.hidden, cell.rank, to_rank, back);
}

// Add the gradients of the matrices from the frames `begin` to `end`.
template <typename Real>
void backward_matrices(const Cell<Real>& cell, int64_t begin, int64_t end, const Real* inputs, const Real* initial,
                       Kept<Real> kept, const Scratch<Real>& scratch, const Gradients<Real>& out) {
    const int64_t width = cell.hidden * LANES, frames = end - begin;
    outer(scratch.to_pre, cell.hidden, inputs + begin * cell.inputs * LANES, cell.inputs, frames, out.from_input);
    const Real* to = scratch.to_pre;  // the gradient of the product with the states
    int64_t rows = cell.hidden;
    Real* gradient = out.from_state;
    if (cell.low_rank) {
        outer(to, rows, kept.ranks + begin * cell.rank * LANES, cell.rank, frames, out.from_state);
        to = scratch.to_rank;
        rows = cell.rank;
        gradient = out.project;
    }
    const int64_t first = begin == 0;  // frame 0 follows the initial state
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

}  // namespace
