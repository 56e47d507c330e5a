// The network, layer by layer, in plain numbers. network.py says what each layer is, weights.py how its numbers are
// kept. Values lie row by row; of a picture's pixel, all channels side by side.

let halves = null; // what each of the 65,536 floats of 16 bits stands for

function halfTable() {
  return Float32Array.from({ length: 65536 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1, power = (bits >> 10) & 31, rest = (bits & 1023) / 1024;
    return sign * (power ? 2 ** (power - 15) * (1 + rest) : 2 ** -14 * rest);
  });
}

/** Kept numbers as floats. */
function numbersOf({ as, data, scale }) {
  const bytes = bytesOf(data);
  if (as === "float32") return new Float32Array(bytes.buffer);
  if (as === "float16") {
    halves ??= halfTable();
    const bits = new Uint16Array(bytes.buffer);
    return new Float32Array(bits.length).map((_, at) => halves[bits[at]] * scale);
  }
  const scales = numbersOf(scale), found = new Float32Array(bytes.length), small = new Int8Array(bytes.buffer);
  for (let at = 0; at < found.length; at++) found[at] = small[at] * scales[at % scales.length];
  return found;
}

/** The error function, by Abramowitz and Stegun's formula 7.1.26: off by less than 0.0000002. */
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
}

const ACTIVATIONS = {
  relu: (x) => Math.max(x, 0),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
};

/** Every window of a picture: calls visit(place of the answer, top row, left column). */
function slide({ out, strides, before }, visit) {
  for (let row = 0; row < out[0]; row++) {
    for (let column = 0; column < out[1]; column++) {
      visit((row * out[1] + column) * out[2], row * strides[0] - before[0], column * strides[1] - before[1]);
    }
  }
}

function pool(x, layer, start, join, finish) {
  const { shape: [height, width, channels], out, size } = layer;
  const found = new Float32Array(out[0] * out[1] * channels);
  slide(layer, (place, top, left) => {
    for (let channel = 0; channel < channels; channel++) {
      let value = start, count = 0;
      for (let y = Math.max(0, top); y < Math.min(height, top + size[0]); y++) {
        for (let z = Math.max(0, left); z < Math.min(width, left + size[1]); z++, count++) {
          value = join(value, x[(y * width + z) * channels + channel]);
        }
      }
      found[place + channel] = finish(value, count); // what lies beyond the edge does not count
    }
  });
  return found;
}

const LAYERS = {
  dense(x, { inputs, units, kernel, bias }) {
    const found = new Float32Array((x.length / inputs) * units), sums = new Float64Array(units);
    for (let start = 0, place = 0; start < x.length; start += inputs, place += units) {
      sums.set(bias);
      for (let k = 0; k < inputs; k++) {
        const value = x[start + k], from = k * units;
        if (value === 0) continue; // most pixels are black
        for (let unit = 0; unit < units; unit++) sums[unit] += value * kernel[from + unit];
      }
      found.set(sums, place);
    }
    return found;
  },

  conv(x, layer) {
    const { shape: [height, width, channels], out, size, kernel, bias } = layer, filters = out[2];
    const found = new Float32Array(out[0] * out[1] * filters), sums = new Float64Array(filters);
    slide(layer, (place, top, left) => {
      sums.set(bias);
      for (let row = 0; row < size[0]; row++) {
        const y = top + row;
        if (y < 0 || y >= height) continue;
        for (let column = 0; column < size[1]; column++) {
          const z = left + column;
          if (z < 0 || z >= width) continue;
          for (let channel = 0; channel < channels; channel++) {
            const value = x[(y * width + z) * channels + channel];
            if (value === 0) continue;
            const from = ((row * size[1] + column) * channels + channel) * filters;
            for (let filter = 0; filter < filters; filter++) sums[filter] += value * kernel[from + filter];
          }
        }
      }
      found.set(sums, place);
    });
    return found;
  },

  scale: (x, { factor, shift }) => x.map((value, at) => value * factor[at % factor.length] + shift[at % shift.length]),
  maxpool: (x, layer) => pool(x, layer, -Infinity, Math.max, (value) => value),
  averagepool: (x, layer) => pool(x, layer, 0, (one, other) => one + other, (value, count) => value / count),
  activation: (x, { name }) => x.map(ACTIVATIONS[name]),

  /** Over the last axis, `size` numbers long. */
  softmax(x, { size }) {
    const found = new Float32Array(x.length);
    for (let start = 0; start < x.length; start += size) {
      const part = Float64Array.from(x.subarray(start, start + size)), most = part.reduce((a, b) => Math.max(a, b));
      const powers = part.map((value) => Math.exp(value - most)), sum = powers.reduce((a, b) => a + b);
      found.set(powers.map((value) => value / sum), start);
    }
    return found;
  },
};

const WEIGHTS = ["kernel", "bias", "factor", "shift"];

/** The layers with their numbers unpacked. */
function unpackLayers(layers) {
  return layers.map((layer) => {
    const kept = WEIGHTS.filter((name) => name in layer).map((name) => [name, numbersOf(layer[name])]);
    return { ...layer, ...Object.fromEntries(kept) };
  });
}

/** How many units the last hidden layer has, and what they are: a convolution has one for each feature map. */
function hiddenLayer(layers) {
  const sums = layers.filter(({ kind }) => kind === "dense" || kind === "conv").slice(-2);
  if (sums.length < 2) return [0, ""];
  return sums[0].kind === "conv" ? [sums[0].out[2], "feature map"] : [sums[0].units, "hidden unit"];
}

/** What the network computes of 784 grey levels from 0 to 255: {shares, logits, hidden}, hidden as grey levels. */
function readPicture(layers, picture) {
  const last = layers.findLastIndex(({ kind }) => kind === "dense" || kind === "conv"), [units] = hiddenLayer(layers);
  const compute = (values, layer) => LAYERS[layer.kind](values, layer);
  const before = layers.slice(0, last).reduce(compute, new Float32Array(picture).map((grey) => grey / 255));
  const logits = layers.slice(last, -1).reduce(compute, before), strongest = new Float32Array(units);
  if (units) before.forEach((value, at) => (strongest[at % units] = Math.max(strongest[at % units], value)));
  const most = Math.max(...strongest, 1e-9), hidden = strongest.map((value) => Math.ceil((255 * value) / most));
  return { shares: compute(logits, layers.at(-1)), logits, hidden };
}

/** Whether 784 grey levels look like a digit, by the limits of handwriting.models.not_a_digit; yes without limits. */
function looksLikeDigit(picture, logits, limits) {
  if (!limits) return true;
  const { side, ink: most, score, inked, odds: weight } = limits;
  let ink = 0;
  for (let top = 0; top <= 28 - side; top++) {
    for (let left = 0; left <= 28 - side; left++) {
      let sum = 0;
      for (let row = top; row < top + side; row++) {
        for (let column = left; column < left + side; column++) sum += picture[28 * row + column];
      }
      ink = Math.max(ink, sum / (255 * side * side));
    }
  }
  if (ink > most || score === undefined) return ink <= most;
  const [top, ...rest] = Array.from(logits).sort((one, other) => other - one);
  const others = rest.reduce((sum, logit) => sum + Math.exp(logit - top), 0);
  const odds = Math.min(8, Math.max(-3, -Math.log(Math.max(others, 1e-9))));
  return top + Math.log1p(others) + inked * ink + weight * odds >= score;
}
