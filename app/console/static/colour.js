// @ts-check

/** The colour that a token has now, in the light or in the dark: a canvas knows no custom properties. @param {string} token */
export function colour(token) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${token})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
