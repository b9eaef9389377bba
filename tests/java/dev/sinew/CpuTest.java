package dev.sinew;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuTest {
    @Test
    void memoryIsDescribed() {
        assertThat(Cpu.pageBytes()).isGreaterThanOrEqualTo(4096);
        assertThat(Long.bitCount(Cpu.pageBytes())).isOne();
        for (int level = 1; level <= 3; level++) {
            assertThat(Cpu.cacheBytes(level)).isNotNegative();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, -1})
    void thereAreThreeLevelsOfCaches(int level) {
        assertThatThrownBy(() -> Cpu.cacheBytes(level)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("caches have the levels 1 to 3, not " + level);
    }
}
