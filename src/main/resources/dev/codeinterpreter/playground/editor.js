// The editor: CodeMirror in a shadow root, where its styles are sheets and need no exception from the page's policy.
import {
  bracketMatching,
  closeBrackets,
  closeBracketsKeymap,
  defaultKeymap,
  drawSelection,
  EditorState,
  EditorView,
  highlightActiveLine,
  HighlightStyle,
  highlightSpecialChars,
  history,
  historyKeymap,
  indentOnInput,
  indentUnit,
  indentWithTab,
  keymap,
  lineNumbers,
  python,
  syntaxHighlighting,
  tags,
} from "./codemirror.js";

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.self], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--code-function)" },
  { tag: [tags.definition(tags.variableName), tags.className], color: "var(--code-definition)" },
  { tag: tags.meta, color: "var(--code-keyword)" },
]);

const LOOK = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--field)", height: "100%", fontSize: "var(--code-size)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", overflow: "auto" },
  ".cm-content": { caretColor: "var(--text)", padding: "8px 0" },
  ".cm-gutters": { backgroundColor: "var(--field)", color: "var(--faint)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--line)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--selection)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--selection)" },
});

/** Keeps the program for the tab, so that loading the page again does not lose it. */
const DRAFT = "playground.program";
const MAX_DRAFT = 500_000;

export class Editor {
  #view;

  /**
   * @param parent an empty element
   * @param run what Ctrl-Enter does
   */
  constructor(parent, initial, run) {
    const root = parent.attachShadow({ mode: "open" });
    const extensions = [
      lineNumbers(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      EditorState.allowMultipleSelections.of(true),
      indentUnit.of("    "),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      highlightActiveLine(),
      python(),
      syntaxHighlighting(COLOURS),
      LOOK,
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({
        "aria-label": "Program. Control Enter runs it. Escape, then Tab leaves the editor.",
        autocapitalize: "off",
        autocorrect: "off",
        spellcheck: "false",
        tabindex: "0",
      }),
      keymap.of([
        { key: "Mod-Enter", run: () => (run(), true), preventDefault: true },
        { key: "Ctrl-Enter", run: () => (run(), true), preventDefault: true },
        ...closeBracketsKeymap,
        ...defaultKeymap,
        ...historyKeymap,
        indentWithTab,
      ]),
      EditorView.updateListener.of((update) => update.docChanged && this.#keep()),
    ];
    this.#view = new EditorView({ doc: kept() ?? initial, extensions, parent: root, root });
  }

  get text() {
    return this.#view.state.doc.toString();
  }

  /** Replaces the program; undo brings the former one back. */
  set text(text) {
    this.#view.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text }, selection: { anchor: 0 } });
  }

  #keep() {
    try {
      if (this.#view.state.doc.length <= MAX_DRAFT) {
        sessionStorage.setItem(DRAFT, this.text);
      }
    } catch {
      // No storage, or no room in it: the program is in the editor all the same.
    }
  }
}

function kept() {
  try {
    return sessionStorage.getItem(DRAFT);
  } catch {
    return null;
  }
}
