package dev.codeinterpreter.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.spool.Text;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LibraryNamesTest {
    private static final LibraryNames NAMES = new LibraryNames(List.of("numpy", "matplotlib.pyplot"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "import numpy|true",
                "import os, numpy as np|true",
                "from numpy.linalg import norm|true",
                "import matplotlib.dates|true",
                "__import__('numpy')|true",
                "x = '\u00e9'; import numpy|true",
                "print('hi')|false",
                "import numpy_financial|false",
                "import xnumpy|false",
                "import pyplot|false",
            })
    void guessesFromTheText(String code, boolean imports) {
        assertThat(NAMES.occurIn(Text.of(code))).isEqualTo(imports);
    }

    @Test
    void occurNowhereWhenThereAreNone() {
        assertThat(new LibraryNames(List.of()).occurIn(Text.of("import numpy"))).isFalse();
    }
}
