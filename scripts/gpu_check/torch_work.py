"""The work of gpubench's GPU benchmarks, written for PyTorch: one function a family, chosen by the benchmark's name."""
import torch_networks

TYPES = {"fp64": "float64", "fp32": "float32", "tf32": "float32", "fp16": "float16", "bf16": "bfloat16"}


def type_of(torch, precision):
    """PyTorch's type; None for a precision, or no precision, that has none here."""
    return getattr(torch, TYPES[precision]) if precision in TYPES else None


def split(benchmark, prefix):
    """The precision of "PREFIX_PRECISION", or None for another name."""
    precision = benchmark.removeprefix(prefix + "_")
    return precision if precision != benchmark else None


def uniform(torch, shape, dtype, device):
    # As many random bits as the type holds: fewer cost less power, and so a higher clock.
    drawn = torch.float64 if dtype == torch.float64 else torch.float32
    return (torch.rand(shape, dtype=drawn, device=device) * 2 - 1).to(dtype)


def allow_tf32(torch, allowed):
    torch.backends.cuda.matmul.allow_tf32 = allowed
    torch.backends.cudnn.allow_tf32 = allowed


def stream(torch, name, parameters, device):
    kinds = ("stream_copy", "stream_scale", "stream_add", "stream_triad", "stream_dot", "memory_read", "memory_write")
    if name not in kinds:
        return None
    elements = parameters["array_bytes"] // 8
    a, b, c = (torch.ones(elements, dtype=torch.float64, device=device) for _ in range(3))
    return {
        "stream_copy": lambda: c.copy_(a),
        "stream_scale": lambda: torch.mul(a, 3.0, out=c),
        "stream_add": lambda: torch.add(a, b, out=c),
        "stream_triad": lambda: torch.add(a, b, alpha=3.0, out=c),
        "stream_dot": lambda: torch.dot(a, b),
        "memory_read": lambda: torch.sum(a),
        "memory_write": lambda: c.fill_(7.0),
    }[name]


def copies(torch, name, parameters, device):
    directions = {
        "host_to_device_memcpy_ce": ("pinned", "device"), "device_to_host_memcpy_ce": ("device", "pinned"),
        "host_to_device_memcpy_pageable": ("pageable", "device"),
        "device_to_host_memcpy_pageable": ("device", "pageable"), "device_local_copy": ("device", "device"),
    }
    if name not in directions or "bytes" not in parameters:
        return None

    def place(kind):
        if kind == "device":
            return torch.ones(parameters["bytes"], dtype=torch.uint8, device=device)
        return torch.ones(parameters["bytes"], dtype=torch.uint8, pin_memory=kind == "pinned")

    source, target = (place(kind) for kind in directions[name])
    return lambda: target.copy_(source, non_blocking=True)


def fp8_gemm(torch, m, n, k, device, left):
    a = uniform(torch, (m, k), torch.bfloat16, device).to(left)
    b = uniform(torch, (n, k), torch.bfloat16, device).to(torch.float8_e4m3fn).t()
    one = torch.ones((), dtype=torch.float32, device=device)
    return lambda: torch._scaled_mm(a, b, scale_a=one, scale_b=one, out_dtype=torch.bfloat16, use_fast_accum=True)


def gemm(torch, name, parameters, device):
    precision = split(name, "gemm")
    if precision is None or not all(size in parameters for size in "mnk"):
        return None
    m, n, k = (parameters[size] for size in "mnk")
    batch = parameters.get("batch")
    if precision in ("fp8", "fp8_e5m2") and batch is None:
        return fp8_gemm(torch, m, n, k, device, torch.float8_e4m3fn if precision == "fp8" else torch.float8_e5m2)
    if precision == "int8" and batch is None:
        a, b = (torch.randint(-128, 128, shape, dtype=torch.int8, device=device) for shape in ((m, k), (n, k)))
        return lambda: torch._int_mm(a, b.t())
    dtype = type_of(torch, precision)
    if dtype is None:
        return None
    allow_tf32(torch, precision == "tf32")
    lead = () if batch is None else (batch,)
    a, b = uniform(torch, (*lead, m, k), dtype, device), uniform(torch, (*lead, k, n), dtype, device)
    c = torch.empty((*lead, m, n), dtype=dtype, device=device)
    # As torch.matmul and as a linear layer lay B out: gpubench takes the faster too, unless one layout is asked for.
    layouts = {"nn": b, "nt": b.reshape(*lead, n, k).transpose(-1, -2)}
    wanted = [parameters["layout"]] if "layout" in parameters else list(layouts)
    return [lambda right=layouts[layout]: torch.matmul(a, right, out=c) for layout in wanted]


def convolution(torch, name, parameters, device):
    for kind in ("forward", "backward_data", "backward_weights"):
        precision = split(name, f"convolution_{kind}")
        dtype = type_of(torch, precision) if precision else None
        if dtype is None:
            continue
        allow_tf32(torch, precision == "tf32")
        p = parameters
        image = uniform(torch, (p["n"], p["c_in"], p["height"], p["width"]), dtype, device)
        weight = uniform(torch, (p["c_out"], p["c_in"], p["kernel"], p["kernel"]), dtype, device)
        image, weight = (t.contiguous(memory_format=torch.channels_last) for t in (image, weight))
        stride, padding = [p["stride"]] * 2, [p["padding"]] * 2
        forward = lambda: torch.nn.functional.conv2d(image, weight, stride=stride, padding=padding)
        if kind == "forward":
            return forward
        gradient = torch.ones_like(forward())
        mask = [kind == "backward_data", kind == "backward_weights", False]
        return lambda: torch.ops.aten.convolution_backward(gradient, image, weight, None, stride, padding, [1, 1],
                                                           False, [0, 0], 1, mask)
    return None


def with_backward(torch, forward, *inputs):
    """The backward pass alone of a forward one that is run once."""
    for tensor in inputs:
        tensor.requires_grad_(True)
    output = forward()
    gradient = torch.ones_like(output)
    return lambda: torch.autograd.grad(output, inputs, gradient, retain_graph=True)


def normalisation(torch, name, parameters, device):
    functional = torch.nn.functional
    for kind in ("layer_norm", "rms_norm", "batch_norm"):
        for way in ("forward", "backward"):
            dtype = type_of(torch, split(name, f"{kind}_{way}"))
            if dtype is None:
                continue
            if kind == "batch_norm":
                shape = [parameters[size] for size in ("n", "c", "height", "width")]
                x = uniform(torch, shape, dtype, device).contiguous(memory_format=torch.channels_last)
                channels = shape[1]
            else:
                channels = parameters["hidden"]
                x = uniform(torch, (parameters["tokens"], channels), dtype, device)
            # PyTorch's layer and RMS norms want parameters of the input's type, its batch norm fp32 ones.
            scale = torch.ones(channels, dtype=torch.float32 if kind == "batch_norm" else dtype, device=device)
            bias = torch.zeros_like(scale)
            forward = {
                "layer_norm": lambda: functional.layer_norm(x, (channels,), scale, bias),
                "rms_norm": lambda: functional.rms_norm(x, (channels,), scale),
                "batch_norm": lambda: functional.batch_norm(x, None, None, scale, bias, training=True),
            }[kind]
            if way == "forward":
                return forward
            return with_backward(torch, forward, x, scale, *(() if kind == "rms_norm" else (bias,)))
    return None


def rows_and_windows(torch, name, parameters, device):
    functional = torch.nn.functional
    dtype = type_of(torch, split(name, "softmax_forward"))
    if dtype is not None:
        x = uniform(torch, (parameters["rows"], parameters["columns"]), dtype, device)
        return lambda: functional.softmax(x, dim=-1)
    dtype = type_of(torch, split(name, "max_pooling_forward"))
    if dtype is not None:
        shape = [parameters[size] for size in ("n", "c", "height", "width")]
        x = uniform(torch, shape, dtype, device).contiguous(memory_format=torch.channels_last)
        return lambda: functional.max_pool2d(x, parameters["window"], parameters["stride"], parameters["padding"])
    return None


def attention(torch, name, parameters, device):
    for kind in ("forward", "decode", "backward"):
        precision = split(name, f"attention_{kind}")
        dtype = type_of(torch, precision) if precision else None
        if dtype is None:
            continue
        p = parameters
        shapes = ((p["batch"], p["heads"], p["q_len"], p["head_dim"]),
                  *2 * ((p["batch"], p["kv_heads"], p["kv_len"], p["head_dim"]),))
        query, key, value = (uniform(torch, shape, dtype, device) for shape in shapes)
        masked = p["mask"] == "causal"
        if masked and p["q_len"] != p["kv_len"]:
            return None  # PyTorch's is_causal then masks from the other corner: other work
        grouped = {"enable_gqa": True} if p["heads"] != p["kv_heads"] else {}
        forward = lambda: torch.nn.functional.scaled_dot_product_attention(query, key, value, is_causal=masked,
                                                                           **grouped)
        return with_backward(torch, forward, query, key, value) if kind == "backward" else forward
    return None


FAMILIES = (stream, copies, gemm, convolution, normalisation, rows_and_windows, attention, torch_networks.resnet50,
            torch_networks.transformer_layer, torch_networks.transformer_training, torch_networks.llama3_8b)


def work_of(torch, measurement, device):
    """Functions that each do one measurement's work once; the fastest counts. None where PyTorch cannot."""
    torch.backends.cudnn.benchmark = True
    for family in FAMILIES:
        work = family(torch, measurement["benchmark"], measurement["parameters"], device)
        if work is not None:
            return work if isinstance(work, list) else [work]
    return []
