package dev.codeinterpreter.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.spool.Text;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LibraryNamesTest {
    private static final LibraryNames NAMES = new LibraryNames(List.of("numpy", "matplotlib.pyplot"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "import numpy|numpy",
                "import os, numpy as np|numpy",
                "from numpy.linalg import norm|numpy",
                "import matplotlib.dates|matplotlib.pyplot",
                "import matplotlib, numpy, numpy.linalg|numpy matplotlib.pyplot",
                "__import__('numpy')|numpy",
                "x = '\u00e9'; import numpy|numpy",
                "print('hi')|''",
                "import numpy_financial|''",
                "import xnumpy|''",
                "import pyplot|''",
            })
    void guessesFromTheText(String code, String modules) {
        assertThat(NAMES.namedIn(Text.of(code))).isEqualTo(modules.isEmpty() ? Set.of() : Set.of(modules.split(" ")));
    }

    @Test
    void occurNowhereWhenThereAreNone() {
        assertThat(new LibraryNames(List.of()).namedIn(Text.of("import numpy"))).isEmpty();
    }
}
