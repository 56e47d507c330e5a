// What an exported page predicts for images, 784 bytes each, as base64.
(text) => {
  const bytes = bytesOf(text), found = [];
  for (let at = 0; at < bytes.length; at += 784)
    found.push(Array.from(readPicture(network.layers, bytes.subarray(at, at + 784)).shares));
  return found;
}
