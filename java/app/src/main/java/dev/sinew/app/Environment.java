package dev.sinew.app;

import dev.sinew.Cpu;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a result was computed on. */
public final class Environment {
    private Environment() {}

    public static Map<String, String> describe() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Sinew", Main.version());
        facts.put("time", ZonedDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS).format(DateTimeFormatter.ISO_OFFSET_DATE_TIME));
        facts.put("Java", Runtime.version().toString());
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch"));
        facts.put("CPU", Cpu.name());
        facts.put("instruction set", Cpu.isa() + (Cpu.isa() == Cpu.detectedIsa() ? "" : " (the CPU has " + Cpu.detectedIsa() + ")"));
        facts.put("threads", Integer.toString(Cpu.threads()));
        facts.put("OpenBLAS", Cpu.openBlasConfig());
        return facts;
    }
}
