// The exported page: a pad as in notebooks (pad.js, canvas.js), with the network in the page itself.

/** The prediction in words, as parts of a paragraph. */
function sentence(name, share, isDigit) {
  const digit = /^[0-9]$/.test(name);
  const thing = digit ? [name === "8" ? "an " : "a ", name] : ["“", isolated(name), "”"];
  const known = share >= 0.5 ? "This looks like " : "Hard to tell. It looks most like ";
  const start = isDigit ? known : "This does not look like a digit. The closest is ";
  return [start, ...thing, ` (${Math.round(100 * share)}\u00a0%).`];
}

/** Make the names' column as wide as its widest name, in whatever script; bold letters are a little wider. */
function fitNames(list, labels) {
  list.style.removeProperty("--names");
  const widest = Math.max(...labels.map((label) => label.getBoundingClientRect().width));
  list.style.setProperty("--names", `${(1.08 * widest) / parseFloat(getComputedStyle(list).fontSize)}em`);
}

function startPad({ names, layers, limits }) {
  const { elements, status, list, labels, show } = makePrediction(names, ...hiddenLayer(layers));
  const { pad, sheet } = makePad({
    el: document.getElementById("pad"), id: "help", signal: new AbortController().signal, right: elements, changed,
    say: (words) => (status.textContent = words), help: `${HELP}.`, title: "Drawing pad with the network’s answer",
  });
  let frame = null; // the reading that waits for the next picture on the screen

  /** Read now if the pen is up, else once for each picture on the screen. */
  function changed(last) {
    cancelAnimationFrame(frame);
    if (last) answer(true);
    else frame = requestAnimationFrame(() => answer(false));
  }

  function answer(last) {
    const { strokes } = sheet.visible();
    if (strokes.length === 0) {
      show();
      say("empty", "Draw something. The network reads along.");
      return;
    }
    try {
      const image = seeDrawing(drawSheet(strokes)), { shares, logits, hidden } = readPicture(layers, image);
      const best = show(image, shares, hidden);
      if (last) say("answered", ...sentence(names[best], shares[best], looksLikeDigit(image, logits, limits)));
    } catch (error) {
      if (!last) return; // the beginning of a stroke
      show();
      say("failed", error.message);
    }
  }

  function say(state, ...words) {
    status.replaceChildren(...words);
    pad.dataset.state = state;
  }

  fitNames(list, labels);
  answer(true);
}

const network = JSON.parse(document.getElementById("network").textContent);
network.layers = unpackLayers(network.layers);
startPad(network);
