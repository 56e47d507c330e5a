"""Where images come from: downloads, files, folders of images, and what is drawn on this machine."""
