// Light or dark: what the system says, until a person chooses.
const CHOICE = "playground.theme";

export function setUpTheme(select) {
  select.value = chosen();
  apply(select.value);
  select.addEventListener("change", () => {
    apply(select.value);
    try {
      localStorage.setItem(CHOICE, select.value);
    } catch {
      // It holds until the page is closed, then.
    }
  });
}

function apply(theme) {
  document.documentElement.dataset.theme = theme;
}

function chosen() {
  try {
    const theme = localStorage.getItem(CHOICE);
    return theme === "light" || theme === "dark" ? theme : "";
  } catch {
    return "";
  }
}
