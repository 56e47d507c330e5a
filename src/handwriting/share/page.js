// The exported page: a pad as in notebooks (pad.js, canvas.js), with the network in the page itself.

function startPad({ names, layers, limits }) {
  const { elements, status, show } = makePrediction(names, ...hiddenLayer(layers));
  const { pad, sheet } = makePad({
    el: document.getElementById("pad"), id: "help", signal: new AbortController().signal, right: elements, changed,
    say: (words) => (status.textContent = words), help: `${HELP}.`, title: "Drawing pad with the network’s prediction",
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
      say("empty", "Draw something. The network predicts as you draw.");
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

  answer(true);
}

const network = JSON.parse(document.getElementById("network").textContent);
network.layers = unpackLayers(network.layers);
startPad(network);
