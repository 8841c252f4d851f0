// The recurrence of FastGRNN and FastRNN over whole clips, forward and backward, for training on a CPU.
//
// Clips go through in chunks of LANES, one clip a lane of a vector, so that every value below is LANES values: a
// weight is multiplied with all of them at once, and a chunk's states stay in the cache from frame to frame.
// Layout of a chunk's tensors: (C, T, rows, LANES). Gradients of parameters are given chunk by chunk, and summed by
// the caller in that order: the number of threads changes no bit.
//
// One frame (wakeword/cells/fast.py has the equations, wakeword/quantize.py the roundings):
//     s = q_s(P h)                     the rank vector; without low rank P is left out and s = h
//     pre = q(A x) + q(S s)            x: the input's rank vector, or the input
//     FastGRNN: z = min(limit, gate(pre + b_z)), h' = q((q_g(zeta (1 - z)) + nu) tanh(pre + b_h) + z h)
//     FastRNN:  h' = alpha tanh(pre + b_h) + beta h

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <cmath>
#include <tuple>
#include <vector>

namespace {

using at::Tensor;
constexpr int64_t LANES = 16;
#define INLINE inline __attribute__((always_inline))  // whole vectors don't pass through memory then
constexpr int64_t ROWS = 8;  // rows of a matrix product that are summed side by side, each in a register

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

// ---- Non-linearities -------------------------------------------------------------------------------------------

inline Lanes<double> exponential(Lanes<double> x) {
    Lanes<double> y;
    for (int64_t lane = 0; lane < LANES; lane++) y[lane] = std::exp(x[lane]);
    return y;
}

// 2^n e^r with |r| <= ln(2) / 2, e^r by its Taylor series: eight terms leave less than float's rounding.
INLINE Lanes<float> exponential(Lanes<float> x) {
    typedef int32_t Integers __attribute__((vector_size(LANES * 4)));
    x = x < -87.0f ? all(-87.0f) : x;
    x = x > 87.0f ? all(87.0f) : x;
    const Lanes<float> scaled = x * 1.44269504f;
    const Integers n = __builtin_convertvector(scaled + (scaled < 0 ? all(-0.5f) : all(0.5f)), Integers);
    const Lanes<float> whole = __builtin_convertvector(n, Lanes<float>);
    const Lanes<float> r = x - whole * 0.693359375f + whole * 2.12194440e-4f;  // ln 2 in two parts
    Lanes<float> y = all(1.0f / 5040);
    for (float factorial : {720.0f, 120.0f, 24.0f, 6.0f, 2.0f, 1.0f, 1.0f}) y = y * r + 1 / factorial;
    const Integers power = (n + 127) << 23;
    return y * reinterpret_cast<const Lanes<float>&>(power);
}

template <typename Real>
struct WithSlope {
    Lanes<Real> value, slope;
};

template <typename Real>
Lanes<Real> clamped(Lanes<Real> x, Real low, Real high) {
    x = x < low ? all(low) : x;
    return x > high ? all(high) : x;
}

template <typename Real>
Lanes<Real> inside(Lanes<Real> x, Real low, Real high, Real slope) {
    return (x >= low) & (x <= high) ? all(slope) : Lanes<Real>{};
}

// From the smooth function (piecewise = 0) to the piecewise-linear one (1).
template <typename Real>
INLINE WithSlope<Real> hyperbolic(Lanes<Real> x, Real piecewise) {
    WithSlope<Real> result{};
    if (piecewise > 0) {
        result.value = piecewise * clamped<Real>(x, -1, 1);
        result.slope = inside<Real>(x, -1, 1, piecewise);
    }
    if (piecewise < 1) {
        const Lanes<Real> e = exponential(-2 * (x < 0 ? -x : x)), size = (1 - e) / (1 + e);
        result.value += (1 - piecewise) * (x < 0 ? -size : size);
        result.slope += (1 - piecewise) * (1 - size * size);
    }
    return result;
}

template <typename Real>
INLINE WithSlope<Real> logistic(Lanes<Real> x, Real piecewise) {
    WithSlope<Real> result{};
    if (piecewise > 0) {
        result.value = piecewise * clamped<Real>(Real(0.5) + Real(0.25) * x, 0, 1);
        result.slope = inside<Real>(x, -2, 2, piecewise / 4);
    }
    if (piecewise < 1) {
        const Lanes<Real> y = 1 / (1 + exponential(-x));
        result.value += (1 - piecewise) * y;
        result.slope += (1 - piecewise) * y * (1 - y);
    }
    return result;
}

template <typename Real>
INLINE Lanes<Real> rounded(Lanes<Real> x, Real scale) {  // half up, to a multiple of 1 / scale
    const Lanes<Real> y = x * scale + Real(0.5);
    Lanes<Real> floor{};
    for (int64_t lane = 0; lane < LANES; lane++) floor[lane] = std::floor(y[lane]);
    return floor * (1 / scale);
}

// ---- Matrix products -------------------------------------------------------------------------------------------

template <typename Real, int64_t N>
void multiply_rows(const Real* matrix, int64_t cols, const Real* x, Real* y) {
    Lanes<Real> sums[N] = {};
    for (int64_t col = 0; col < cols; col++) {
        const Lanes<Real> value = lanes(x)[col];
        for (int64_t row = 0; row < N; row++) sums[row] += matrix[row * cols + col] * value;
    }
    for (int64_t row = 0; row < N; row++) lanes(y)[row] = sums[row];
}

// y = M x: M (rows, cols), x (cols, LANES), y (rows, LANES).
template <typename Real>
void multiply(const Real* matrix, int64_t rows, int64_t cols, const Real* x, Real* y) {
    int64_t row = 0;
    for (; row + ROWS <= rows; row += ROWS) multiply_rows<Real, ROWS>(matrix + row * cols, cols, x, y + row * LANES);
    for (; row < rows; row++) multiply_rows<Real, 1>(matrix + row * cols, cols, x, y + row * LANES);
}

template <typename Real, int64_t N, int64_t M>
void outer_tile(const Real* a, int64_t a_rows, const Real* b, int64_t b_rows, int64_t frames, Real* sum) {
    Lanes<Real> sums[N][M] = {};
    for (int64_t t = 0; t < frames; t++)
        for (int64_t i = 0; i < N; i++)
            for (int64_t j = 0; j < M; j++) sums[i][j] += lanes(a)[t * a_rows + i] * lanes(b)[t * b_rows + j];
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 0; j < M; j++) {
            Real total = 0;
            for (int64_t lane = 0; lane < LANES; lane++) total += sums[i][j][lane];
            sum[i * b_rows + j] += total;
        }
}

// sum += a b^T over frames and lanes: a (frames, a_rows, LANES), b (frames, b_rows, LANES), sum (a_rows, b_rows).
template <typename Real>
void outer(const Real* a, int64_t a_rows, const Real* b, int64_t b_rows, int64_t frames, Real* sum) {
    constexpr int64_t N = 4, M = 4;
    for (int64_t i = 0; i < a_rows; i += N)
        for (int64_t j = 0; j < b_rows; j += M) {
            const Real *a_tile = a + i * LANES, *b_tile = b + j * LANES;
            Real* at = sum + i * b_rows + j;
            if (i + N <= a_rows && j + M <= b_rows) {
                outer_tile<Real, N, M>(a_tile, a_rows, b_tile, b_rows, frames, at);
                continue;
            }
            for (int64_t k = 0; k < std::min(N, a_rows - i); k++)
                for (int64_t l = 0; l < std::min(M, b_rows - j); l++)
                    outer_tile<Real, 1, 1>(a_tile + k * LANES, a_rows, b_tile + l * LANES, b_rows, frames,
                                           at + k * b_rows + l);
        }
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
    const Real *from_input, *from_state, *project;  // A (H, inputs), S (H, rank), P (rank, H)
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
    Step<Real> step{};
    step.candidate = hyperbolic<Real>(pre + cell.bias_update[unit], cell.piecewise);
    if (cell.gate == NONE) {
        step.keep = all(cell.offset);
        step.gain = all(cell.gain);
        return step;
    }
    const Lanes<Real> x = pre + cell.bias_gate[unit];
    step.gate = cell.gate == TANH ? hyperbolic<Real>(x, cell.piecewise) : logistic<Real>(x, cell.piecewise);
    step.gate.slope = step.gate.value <= cell.limit ? step.gate.slope : Lanes<Real>{};
    step.keep = step.gate.value > cell.limit ? all(cell.limit) : step.gate.value;
    step.gain = cell.gain * (1 - step.keep);
    if (cell.quantised) step.gain = rounded<Real>(step.gain, cell.GATE_SCALE);
    step.gain += cell.offset;
    return step;
}

template <typename Real>
void forward_chunk(const Cell<Real>& cell, const Real* inputs, const Real* initial, Real* pre, Real* ranks,
                   Real* states) {
    const int64_t hidden = cell.hidden;
    std::vector<Real> scratch(hidden * LANES);
    const Real* before = initial;
    for (int64_t t = 0; t < cell.frames; t++) {
        const Real* s = before;
        if (cell.low_rank) {
            multiply(cell.project, cell.rank, hidden, before, ranks);
            for (int64_t i = 0; cell.quantised && i < cell.rank; i++) {
                const Lanes<Real> value = rounded<Real>(lanes(ranks)[i], cell.rank_scale), low = cell.rank_low();
                const Lanes<Real> above = value < low ? low : value;
                lanes(ranks)[i] = above > cell.rank_limit ? all(cell.rank_limit) : above;
            }
            s = ranks;
            ranks += cell.rank * LANES;
        }
        multiply(cell.from_input, hidden, cell.inputs, inputs, pre);
        multiply(cell.from_state, hidden, cell.rank, s, scratch.data());
        for (int64_t unit = 0; unit < hidden; unit++) {
            Lanes<Real> x = lanes(pre)[unit], u = lanes(scratch.data())[unit];
            if (cell.quantised) {
                x = rounded<Real>(x, cell.STATE_SCALE);
                u = rounded<Real>(u, cell.STATE_SCALE);
            }
            lanes(pre)[unit] = x + u;
            const Step<Real> step = step_of(cell, lanes(pre)[unit], unit);
            Lanes<Real> state = step.gain * step.candidate.value + step.keep * lanes(before)[unit];
            if (cell.quantised)
                state = clamped<Real>(rounded<Real>(state, cell.STATE_SCALE), cell.STATE_LOW, cell.STATE_HIGH);
            lanes(states)[unit] = state;
        }
        before = states;
        states += hidden * LANES;
        pre += hidden * LANES;
        inputs += cell.inputs * LANES;
    }
}

template <typename Real>
struct Gradients {  // of one chunk; the first three as their transposes' owners: A, S, P
    Real *from_input, *from_state, *project, *bias_gate, *bias_update, *scalars, *inputs, *initial;
};

// What flows back through one frame's units: `back` (H, LANES) holds the gradient of h' and then z times it.
template <typename Real>
void backward_units(const Cell<Real>& cell, const Real* pre, const Real* before, const Real* after, Real* back,
                    Real* to_pre, Real* sums_gate, Real* sums_update, Lanes<Real> scalars[2]) {
    for (int64_t unit = 0; unit < cell.hidden; unit++) {
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

template <typename Real>
Real sum(Lanes<Real> x) {
    Real total = 0;
    for (int64_t lane = 0; lane < LANES; lane++) total += x[lane];
    return total;
}

// transposed: A^T (inputs, H), S^T (rank, H), P^T (H, rank).
template <typename Real>
void backward_chunk(const Cell<Real>& cell, const Real* const transposed[3], const Real* inputs, const Real* initial,
                    const Real* pre, const Real* ranks, const Real* states, const Real* flow,
                    int64_t wanted, Gradients<Real> out) {
    const int64_t hidden = cell.hidden, rank = cell.rank, frames = cell.frames, width = hidden * LANES;
    std::vector<Real> to_pre(frames * width), to_rank(frames * rank * LANES), back(width), through(width);
    std::vector<Real> gates(width), updates(width);
    Lanes<Real> scalars[2] = {};
    for (int64_t t = frames - 1; t >= 0; t--) {
        const int64_t at = t - (frames - wanted);
        for (int64_t i = 0; at >= 0 && i < width; i++) back[i] += flow[at * width + i];
        const Real* before = t ? states + (t - 1) * width : initial;
        Real* to = &to_pre[t * width];
        backward_units(cell, pre + t * width, before, states + t * width, back.data(), to, gates.data(),
                       updates.data(), scalars);
        multiply(transposed[0], cell.inputs, hidden, to, out.inputs + t * cell.inputs * LANES);
        Real* to_s = &to_rank[t * rank * LANES];
        multiply(transposed[1], rank, hidden, to, to_s);
        if (cell.low_rank) {
            const Lanes<Real>* values = lanes(ranks) + t * rank;
            for (int64_t i = 0; cell.quantised && i < rank; i++) {
                const auto kept = (values[i] > cell.rank_low()) & (values[i] < cell.rank_limit);
                lanes(to_s)[i] = kept ? lanes(to_s)[i] : Lanes<Real>{};
            }
            multiply(transposed[2], hidden, rank, to_s, through.data());
            for (int64_t i = 0; i < width; i++) back[i] += through[i];
        } else {
            for (int64_t i = 0; i < width; i++) back[i] += to_s[i];
        }
    }
    std::copy(back.begin(), back.end(), out.initial);
    outer(to_pre.data(), hidden, inputs, cell.inputs, frames, out.from_input);
    if (cell.low_rank) {
        outer(to_pre.data(), hidden, ranks, rank, frames, out.from_state);
        outer(to_rank.data(), rank, initial, hidden, 1, out.project);
        outer(to_rank.data() + rank * LANES, rank, states, hidden, frames - 1, out.project);
    } else {
        outer(to_pre.data(), hidden, initial, hidden, 1, out.from_state);
        outer(to_pre.data() + width, hidden, states, hidden, frames - 1, out.from_state);
    }
    for (int64_t unit = 0; unit < hidden; unit++) {
        out.bias_gate[unit] = sum<Real>(lanes(gates.data())[unit]);
        out.bias_update[unit] = sum<Real>(lanes(updates.data())[unit]);
    }
    for (int64_t i = 0; i < 2; i++) out.scalars[i] = sum<Real>(scalars[i]);
}

// ---- Tensors ---------------------------------------------------------------------------------------------------

// What both directions are told of a cell. P has no rows where S is whole; rank_bits is -1 without quantisation.
template <typename Real>
Cell<Real> cell_of(const Tensor& inputs, const std::vector<Tensor>& weights, at::ArrayRef<double> scalars, int64_t gate,
                   int64_t rank_bits) {
    const Tensor &from_input = weights[0], &from_state = weights[1], &project = weights[2];
    Cell<Real> cell;
    cell.frames = inputs.size(1);
    cell.inputs = inputs.size(2);
    cell.hidden = from_input.size(0);
    cell.rank = from_state.size(1);
    cell.low_rank = project.numel() > 0;
    cell.quantised = rank_bits >= 0;
    cell.gate = static_cast<Gate>(gate);
    cell.gain = scalars[0];
    cell.offset = scalars[1];
    cell.piecewise = scalars[2];
    cell.limit = scalars[3];
    cell.rank_scale = std::ldexp(Real(1), rank_bits);
    cell.rank_limit = Real(32767) / cell.rank_scale;
    cell.from_input = from_input.data_ptr<Real>();
    cell.from_state = from_state.data_ptr<Real>();
    cell.project = project.data_ptr<Real>();
    cell.bias_gate = weights[3].data_ptr<Real>();
    cell.bias_update = weights[4].data_ptr<Real>();
    return cell;
}

void check(const Tensor& inputs, const Tensor& initial, const std::vector<Tensor>& weights, size_t scalars) {
    TORCH_CHECK(inputs.dim() == 4 && inputs.size(3) == LANES, "inputs must have shape (C, T, inputs, ", LANES, ")");
    const int64_t hidden = weights[0].size(0), rank = weights[1].size(1);
    TORCH_CHECK(weights[0].size(1) == inputs.size(2), "A must have a column for each input");
    TORCH_CHECK(weights[1].size(0) == hidden, "S must have a row for each unit");
    const Tensor& project = weights[2];
    TORCH_CHECK(project.numel() ? project.size(0) == rank && project.size(1) == hidden : rank == hidden,
                "P must have shape (rank, H), or S be square");
    TORCH_CHECK(weights[3].numel() == hidden && weights[4].numel() == hidden, "a bias must have H values");
    TORCH_CHECK(initial.sizes() == at::IntArrayRef({inputs.size(0), hidden, LANES}), "h_0 must be (C, H, LANES)");
    TORCH_CHECK(inputs.size(1) > 0 && scalars == 4, "at least one frame and four scalars are needed");
    for (const Tensor& weight : weights) TORCH_CHECK(weight.is_contiguous(), "weights must be contiguous");
    TORCH_CHECK(inputs.is_contiguous() && initial.is_contiguous(), "inputs and h_0 must be contiguous");
}

// To pre-activations (C, T, H, LANES), rank vectors (C, T, rank, LANES) and states (C, T, H, LANES).
std::tuple<Tensor, Tensor, Tensor> forward(const Tensor& inputs, const Tensor& initial, std::vector<Tensor> weights,
                                           at::ArrayRef<double> scalars, int64_t gate, int64_t rank_bits) {
    check(inputs, initial, weights, scalars.size());
    const int64_t chunks = inputs.size(0), frames = inputs.size(1), hidden = weights[0].size(0);
    const int64_t rank = weights[2].numel() ? weights[1].size(1) : 0;
    const Tensor pre = at::empty({chunks, frames, hidden, LANES}, inputs.options()), states = at::empty_like(pre);
    const Tensor ranks = at::empty({chunks, frames, rank, LANES}, inputs.options());
    AT_DISPATCH_FLOATING_TYPES(inputs.scalar_type(), "recurrence_forward", [&] {
        const Cell<scalar_t> cell = cell_of<scalar_t>(inputs, weights, scalars, gate, rank_bits);
        at::parallel_for(0, chunks, 1, [&](int64_t first, int64_t end) {
            for (int64_t c = first; c < end; c++)
                forward_chunk(cell, inputs.const_data_ptr<scalar_t>() + c * frames * cell.inputs * LANES,
                              initial.const_data_ptr<scalar_t>() + c * hidden * LANES,
                              pre.data_ptr<scalar_t>() + c * frames * hidden * LANES,
                              ranks.data_ptr<scalar_t>() + c * frames * rank * LANES,
                              states.data_ptr<scalar_t>() + c * frames * hidden * LANES);
        });
    });
    return {pre, ranks, states};
}

// `flow` (C, n, H, LANES) is the gradient of the last n frames' states.
// Gradients of: inputs, h_0 (as they are), then A, S, P, b_z, b_h and the two scalars, summed over the chunks.
std::vector<Tensor> backward(const Tensor& flow, const Tensor& inputs, const Tensor& initial, const Tensor& pre,
                             const Tensor& ranks, const Tensor& states, std::vector<Tensor> weights,
                             at::ArrayRef<double> scalars, int64_t gate, int64_t rank_bits) {
    check(inputs, initial, weights, scalars.size());
    const int64_t chunks = inputs.size(0), wanted = flow.size(1);
    TORCH_CHECK(flow.is_contiguous() && flow.sizes() == at::IntArrayRef({chunks, wanted, states.size(2), LANES}) &&
                    wanted <= inputs.size(1),
                "the gradient must have shape (C, n, H, LANES)");
    const std::vector<Tensor> transposed = {weights[0].t().contiguous(), weights[1].t().contiguous(),
                                            weights[2].t().contiguous()};
    std::vector<Tensor> sums;  // a row for each chunk
    for (const Tensor& weight : weights) sums.push_back(at::zeros({chunks, weight.numel()}, inputs.options()));
    sums.push_back(at::zeros({chunks, 2}, inputs.options()));
    const Tensor to_inputs = at::empty_like(inputs), to_initial = at::empty_like(initial);
    AT_DISPATCH_FLOATING_TYPES(inputs.scalar_type(), "recurrence_backward", [&] {
        const Cell<scalar_t> cell = cell_of<scalar_t>(inputs, weights, scalars, gate, rank_bits);
        const scalar_t* matrices[3] = {transposed[0].const_data_ptr<scalar_t>(), transposed[1].const_data_ptr<scalar_t>(),
                                       transposed[2].const_data_ptr<scalar_t>()};
        const auto part = [](const Tensor& tensor, int64_t c) {
            return tensor.data_ptr<scalar_t>() + c * (tensor.numel() / tensor.size(0));
        };
        at::parallel_for(0, chunks, 1, [&](int64_t first, int64_t end) {
            for (int64_t c = first; c < end; c++)
                backward_chunk<scalar_t>(cell, matrices, part(inputs, c), part(initial, c), part(pre, c),
                                         part(ranks, c), part(states, c), part(flow, c), wanted,
                                         {part(sums[0], c), part(sums[1], c), part(sums[2], c), part(sums[3], c),
                                          part(sums[4], c), part(sums[5], c), part(to_inputs, c), part(to_initial, c)});
        });
    });
    std::vector<Tensor> result = {to_inputs, to_initial};
    for (size_t i = 0; i < weights.size(); i++) result.push_back(sums[i].sum(0).view(weights[i].sizes()));
    result.push_back(sums.back().sum(0));
    return result;
}

}  // namespace

TORCH_LIBRARY(wakeword, library) {
    library.def("recurrence_forward(Tensor inputs, Tensor initial, Tensor[] weights, float[] scalars, int gate, "
                "int rank_bits) -> (Tensor, Tensor, Tensor)", &forward);
    library.def("recurrence_backward(Tensor flow, Tensor inputs, Tensor initial, Tensor pre, Tensor ranks, "
                "Tensor states, Tensor[] weights, float[] scalars, int gate, int rank_bits) -> Tensor[]", &backward);
}
