package dev.codeinterpreter.spool;

/** Writes one text to the spool in UTF-8; a pair of surrogates may come in two pieces. */
public final class SpoolWriter {
    private final Spool spool;
    private final long start;
    private char pendingHigh;
    private boolean loneSurrogate;

    SpoolWriter(Spool spool) {
        this.spool = spool;
        this.start = spool.length();
    }

    public void append(char[] characters, int from, int to) {
        int i = from;
        while (i < to) {
            i = pendingHigh == 0 ? spool.writeAscii(characters, i, to) : i;
            if (i < to) {
                append(characters[i++]);
            }
        }
    }

    public void append(char character) {
        if (pendingHigh != 0) {
            char high = pendingHigh;
            pendingHigh = 0;
            if (Character.isLowSurrogate(character)) {
                encode(Character.toCodePoint(high, character));
                return;
            }
            replace();
        }
        if (character < 0x80) {
            spool.write((byte) character);
        } else if (Character.isHighSurrogate(character)) {
            pendingHigh = character;
        } else if (Character.isLowSurrogate(character)) {
            replace();
        } else {
            encode(character);
        }
    }

    public Text.Spooled finish() {
        if (pendingHigh != 0) {
            pendingHigh = 0;
            replace();
        }
        return new Text.Spooled(spool, start, spool.length() - start, loneSurrogate);
    }

    private void replace() {
        loneSurrogate = true;
        encode(Utf8.REPLACEMENT);
    }

    private void encode(int codePoint) {
        int length = Utf8.length(codePoint);
        if (length == 1) {
            spool.write((byte) codePoint);
            return;
        }
        int shift = 6 * (length - 1);
        int mark = (0xF00 >> length) & 0xFF;
        spool.write((byte) (mark | (codePoint >> shift)));
        while (shift > 0) {
            shift -= 6;
            spool.write((byte) (0x80 | ((codePoint >> shift) & 0x3F)));
        }
    }
}
