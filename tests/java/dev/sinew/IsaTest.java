package dev.sinew;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

class IsaTest {
    @Test
    @EnabledIfEnvironmentVariable(named = "SINEW_MAX_ISA", matches = ".+")
    void theRunUsesTheInstructionSetThatItIsFor() {
        assertThat(Cpu.isa()).hasToString(System.getenv("SINEW_MAX_ISA"));
    }
}
