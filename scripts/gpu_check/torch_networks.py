"""Whole networks for PyTorch: ResNet-50 as torchvision has it, and one layer of a Llama-like transformer."""

PRECISIONS = {"fp16": "float16", "bf16": "bfloat16", "tf32": "float32", "fp32": "float32"}


def split_network(name, *prefixes):
    """The prefix and the precision that follows it, or (None, None)."""
    for prefix in prefixes:
        precision = name.removeprefix(prefix + "_")
        if precision != name and precision in PRECISIONS:
            return prefix, precision
    return None, None


def long(function):
    """Marks work that launches too many kernels for its launch cost to be hidden."""
    function.enqueues_long = True
    return function


def resnet50(torch, name, parameters, device):
    kind, precision = split_network(name, "resnet50_inference", "resnet50_training_step")
    if kind is None:
        return None
    import torchvision  # only here: not every PyTorch has it
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision != "fp32"
    dtype = getattr(torch, PRECISIONS[precision])
    network = torchvision.models.resnet50(weights=None).to(device, memory_format=torch.channels_last)
    size = parameters.get("image_size", 224)
    images = torch.rand(parameters["n"], 3, size, size, device=device).contiguous(memory_format=torch.channels_last)
    if kind == "resnet50_inference":
        network, images = network.eval().to(dtype), images.to(dtype)

        def infer():
            with torch.no_grad():
                network(images)

        return captured(torch, infer)

    labels = torch.randint(0, 1000, (parameters["n"],), device=device)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, foreach=True)
    scaler = torch.amp.GradScaler("cuda", enabled=dtype == torch.float16)

    def step():
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cuda", dtype=dtype, enabled=dtype != torch.float32):
            loss = torch.nn.functional.cross_entropy(network(images), labels)
        scaler.scale(loss).backward()
        scaler.step(optimiser)
        scaler.update()

    return long(step)


def captured(torch, work):
    """The work as one CUDA graph, as gpubench runs its own networks."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            work()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()

    def replay():
        graph.replay()

    # The graph knows addresses only: what lies there must live as long as it is replayed.
    replay.kept = (graph, work)
    return replay


ROTARY_BASE = 500000.0  # Llama 3's


def rotation(torch, position, head_dim, dtype):
    """Cosines and sines by token and feature pair, made once as serving engines do."""
    half = head_dim // 2
    frequency = ROTARY_BASE ** (-torch.arange(half, device=position.device, dtype=torch.float64) / half)
    angle = position[:, None].double() * frequency[None, :]
    return angle.cos().to(dtype), angle.sin().to(dtype)


class Layer:
    """One decoder layer: RMSNorm, grouped-query attention with rotary embedding, output projection, SwiGLU."""

    def __init__(self, torch, parameters, dtype, device):
        self.torch, self.p = torch, parameters
        hidden, ffn, width = parameters["hidden"], parameters["ffn"], parameters["head_dim"]
        kv = parameters["kv_heads"] * width

        def weight(rows, columns):
            return (torch.rand(rows, columns, device=device) * 2 - 1).mul_(columns ** -0.5).to(dtype)

        self.qkv = weight(parameters["heads"] * width + 2 * kv, hidden)
        self.out = weight(hidden, parameters["heads"] * width)
        self.gate_up, self.down = weight(2 * ffn, hidden), weight(hidden, ffn)
        self.norms = [torch.ones(hidden, dtype=dtype, device=device) for _ in range(2)]

    def rotate(self, x, turned):
        half = x.shape[-1] // 2
        cosine, sine = turned
        left, right = x[..., :half], x[..., half:]
        return self.torch.cat((left * cosine - right * sine, right * cosine + left * sine), dim=-1)

    def forward(self, x, turned, past=None):
        torch, p = self.torch, self.p
        functional = torch.nn.functional
        batch, length, _ = x.shape
        heads, kv_heads, width = p["heads"], p["kv_heads"], p["head_dim"]
        normed = functional.rms_norm(x, (p["hidden"],), self.norms[0])
        qkv = functional.linear(normed, self.qkv).view(batch, length, heads + 2 * kv_heads, width).transpose(1, 2)
        query, key, value = qkv.split((heads, kv_heads, kv_heads), dim=1)
        query, key = self.rotate(query, turned), self.rotate(key, turned)
        if past is not None:
            past[0][:, :, -length:], past[1][:, :, -length:] = key, value
            key, value = past
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=past is None,
                                                        enable_gqa=heads != kv_heads)
        x = x + functional.linear(mixed.transpose(1, 2).reshape(batch, length, heads * width), self.out)
        normed = functional.rms_norm(x, (p["hidden"],), self.norms[1])
        gate, up = functional.linear(normed, self.gate_up).chunk(2, dim=-1)
        return x + functional.linear(functional.silu(gate) * up, self.down)


def decoder(torch, parameters, dtype, device, decode, layers, vocabulary=None):
    """A forward pass through `layers` layers, each with weights of its own, between embedding and output head where
    there is a vocabulary; one new token a sequence over a filled cache when decoding."""
    stack = [Layer(torch, parameters, dtype, device) for _ in range(layers)]
    length = 1 if decode else parameters["length"]
    batch, hidden = parameters["batch"], parameters["hidden"]
    first = parameters["kv_len"] - 1 if decode else 0
    turned = rotation(torch, torch.arange(first, first + length, device=device), parameters["head_dim"], dtype)
    caches = [None] * layers
    if decode:
        shape = (batch, parameters["kv_heads"], parameters["kv_len"], parameters["head_dim"])
        caches = [[torch.rand(shape, device=device).to(dtype) for _ in range(2)] for _ in stack]
    if vocabulary:
        embedding, head = (torch.rand(vocabulary, hidden, device=device).to(dtype) for _ in range(2))
        tokens = torch.randint(0, vocabulary, (batch, length), device=device)
    else:
        start = (torch.rand(batch, length, hidden, device=device) * 2 - 1).to(dtype)
    ones = torch.ones(hidden, dtype=dtype, device=device)

    def run():
        with torch.no_grad():
            x = torch.nn.functional.embedding(tokens, embedding) if vocabulary else start
            for layer, past in zip(stack, caches):
                x = layer.forward(x, turned, past)
            if vocabulary:
                last = torch.nn.functional.rms_norm(x[:, -1], (hidden,), ones)
                torch.nn.functional.linear(last, head)

    return captured(torch, run)


# As gpubench's: the rates of large language models, and a learning rate that leaves the same batch unlearned.
ADAMW = {"lr": 1e-6, "betas": (0.9, 0.95), "eps": 1e-5, "weight_decay": 0.1}


def training_step(torch, parameters, dtype, device):
    """Forward, gradients of all weights and of the input, and AdamW on fp32 weights, which are rounded for the next
    step: one layer, whose input and output gradient stay the same."""
    layer = Layer(torch, parameters, dtype, device)
    weights = [layer.qkv, layer.out, layer.gate_up, layer.down, *layer.norms]
    wide = [weight.detach().float().requires_grad_() for weight in weights]
    for weight in wide:
        weight.grad = torch.zeros_like(weight)
    # Its state on the device, so that a graph can hold the step; the fused kernel where this PyTorch has it for the device.
    on_gpu = device.type == "cuda"
    optimiser = torch.optim.AdamW(wide, **ADAMW, **({"fused": True, "capturable": True} if on_gpu else {}))
    batch, length, hidden = parameters["batch"], parameters["length"], parameters["hidden"]
    turned = rotation(torch, torch.arange(length, device=device), parameters["head_dim"], dtype)
    start, wanted = ((torch.rand(batch, length, hidden, device=device) * 2 - 1).to(dtype) for _ in range(2))
    learned = [start, *weights]
    for tensor in learned:
        tensor.requires_grad_()

    def step():
        gradients = torch.autograd.grad(layer.forward(start, turned), learned, wanted)
        with torch.no_grad():
            # An optimiser takes gradients of its weights' type.
            copy_all(torch, [weight.grad for weight in wide], gradients[1:])
            optimiser.step()
            copy_all(torch, weights, wide)

    return step


def copy_all(torch, to, values):
    if hasattr(torch, "_foreach_copy_"):
        torch._foreach_copy_(to, list(values))
    else:
        for one, value in zip(to, values):
            one.copy_(value)


def transformer_training(torch, name, parameters, device):
    kind, precision = split_network(name, "transformer_layer_training")
    if kind is None:
        return None
    return captured(torch, training_step(torch, parameters, getattr(torch, PRECISIONS[precision]), device))


def transformer_layer(torch, name, parameters, device):
    kind, precision = split_network(name, "transformer_layer_prefill", "transformer_layer_decode")
    if kind is None:
        return None
    return decoder(torch, parameters, getattr(torch, PRECISIONS[precision]), device,
                   kind == "transformer_layer_decode", layers=1)


# The model's public configuration.
LLAMA3_8B = {"hidden": 4096, "heads": 32, "kv_heads": 8, "head_dim": 128, "ffn": 14336}


def llama3_8b(torch, name, parameters, device):
    kind, precision = split_network(name, "llama3_8b_prefill", "llama3_8b_decode")
    if kind is None:
        return None
    return decoder(torch, {**LLAMA3_8B, **parameters}, getattr(torch, PRECISIONS[precision]), device,
                   kind == "llama3_8b_decode", layers=32, vocabulary=128256)
