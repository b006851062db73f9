// @ts-check
// In the head and not a module: the theme must stand before anything is painted.
(() => {
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // storage is blocked: as the system has it
  }
})();
