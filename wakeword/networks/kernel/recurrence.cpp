// The recurrence of FastGRNN and FastRNN over whole clips, forward and backward, for training on a CPU.
//
// Clips are computed in chunks of LANES, one clip a lane of a vector, so that a weight is multiplied with LANES values
// at once. Values inside a chunk have the layout (T, rows, LANES), tensors from and to outside (B, T, rows). Gradients
// of parameters are computed for each chunk, and summed in the order of the chunks: the number of threads changes no
// bit.

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <cmath>
#include <vector>

#include "cell.h"
#include "lanes.h"

namespace {

using at::Tensor;

// The description of a cell, for both directions. P has no rows if S is whole; rank_bits is -1 without quantization.
template <typename Real>
Cell<Real> cell_of(const Tensor& inputs, const std::vector<Tensor>& weights, at::ArrayRef<double> scalars, int64_t gate,
                   int64_t rank_bits) {
    Cell<Real> cell;
    cell.frames = inputs.size(1);
    cell.inputs = inputs.size(2);
    cell.hidden = weights[3].numel();
    cell.rank = weights[1].numel() / cell.hidden;
    cell.low_rank = weights[2].numel() > 0;
    cell.quantized = rank_bits >= 0;
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

// The data of clip i, or chunk i, of a tensor.
template <typename Real>
Real* part(const Tensor& tensor, int64_t i) {
    return tensor.data_ptr<Real>() + i * tensor.stride(0);
}

template <typename Real>
Kept<Real> kept_of(const std::vector<Tensor>& kept, int64_t chunk) {
    return {part<Real>(kept[0], chunk), part<Real>(kept[1], chunk), part<Real>(kept[2], chunk)};
}

// Call f(cell, clip, present, inputs, initial) for the chunks in parallel: first clip, number of clips, and inputs and
// h_0 in lanes.
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

// Return the states (B, T - wanted_from, H), and for backward each chunk's pre-activations, rank vectors and states.
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
// Return the gradients of inputs and h_0, then those of A, S, P, b_z, b_h and the two scalars, summed over the chunks.
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
// Keep the memory of a batch for the next one. By default malloc returns large blocks to the system, and getting them
// back takes as long as the computation.
const bool keeps_memory = mallopt(M_MMAP_THRESHOLD, 32 << 20) && mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif

}  // namespace

TORCH_LIBRARY(wakeword, library) {
    library.def("recurrence_forward(Tensor inputs, Tensor initial, Tensor[] weights, float[] scalars, int gate, "
                "int rank_bits, int wanted_from) -> Tensor[]", &forward);
    library.def("recurrence_backward(Tensor flow, Tensor inputs, Tensor initial, Tensor[] kept, Tensor[] weights, "
                "float[] scalars, int gate, int rank_bits) -> Tensor[]", &backward);
}
