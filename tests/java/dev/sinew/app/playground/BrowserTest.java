package dev.sinew.app.playground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sinew.Cpu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page in a browser, used by mouse and keys. {@code -Dsinew.screenshots=FOLDER} keeps pictures of its tabs. */
class BrowserTest {
    private Playground server;
    private Chromium browser;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        assumeTrue(Cpu.isa() == Cpu.detectedIsa(), "the page is the same on every instruction set: only the best one is tried");
        browser = Chromium.start();
        server = Playground.start(0);
    }

    @AfterEach
    void stop() {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private void keep(String name) throws IOException {
        String pictures = System.getProperty("sinew.screenshots");
        if (pictures != null) {
            Files.write(Path.of(pictures, "play-" + name + ".png"), browser.screenshot());
        }
    }

    private void nothingWentWrong() {
        assertThat(browser.troubles).isEmpty();
        assertThat(browser.requests).hasSizeGreaterThan(3).allMatch(address -> address.startsWith(server.address()) || address.startsWith("data:"));
        assertThat(browser.value("document.getElementById('message').hidden").booleanValue()).isTrue();
    }

    /** Whether a place of a canvas is rather blue than red, as an expression. */
    private static String blue(String canvas, double across, double down) {
        return "(() => { const c = document.querySelector('" + canvas + "'); const copy = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});"
                + " copy.drawImage(c, -Math.floor(" + across + " * c.width), -Math.floor(" + down + " * c.height));"
                + " const [r, g, b] = copy.getImageData(0, 0, 1, 1).data; return b > r; })()";
    }

    private static final String PLANE = "#classify .plane";

    @Test
    void classifiesPoints() throws IOException, InterruptedException {
        browser.open(server.address());
        browser.until("document.querySelector('#classify .accuracy')?.textContent === '100.0 %'");
        keep("classify");
        // with no points, and four clicked ones: blue at the right, orange at the left; then the other way round
        for (boolean blueLeft : new boolean[] {false, true}) {
            browser.click("#classify .clear");
            browser.until("document.querySelector('#classify .count').textContent === '0'");
            for (int kind = 0; kind < 2; kind++) {
                browser.click("#classify input[name=kind][value='" + kind + "']");
                double across = (kind == 0) == blueLeft ? 0.2 : 0.8;
                browser.click(PLANE, across, 0.3);
                browser.click(PLANE, across, 0.7);
            }
            browser.until("document.querySelector('#classify .count').textContent === '4'");
            browser.click("#classify .restart");
            browser.until(blue(PLANE, 0.15, 0.45) + " === " + blueLeft + " && " + blue(PLANE, 0.85, 0.45) + " !== " + blueLeft
                    + " && document.querySelector('#classify .accuracy').textContent === '100.0 %'");
        }
        // by keys: a fifth point
        browser.value("document.querySelector('" + PLANE + "').focus()");
        browser.key("ArrowUp");
        browser.key("Enter");
        browser.until("document.querySelector('#classify .count').textContent === '5'");
        // by buttons: a layer more, whose units are the hidden space
        browser.click("#classify .add");
        browser.until("document.querySelectorAll('#classify .layers li').length === 5 && document.querySelector('#classify .layer').options.length === 3");
        nothingWentWrong();
        // nonsense in the text is told beside it, and the net before goes on
        browser.value("(() => { const t = document.querySelector('#classify textarea'); t.value = t.value.replace('num_neurons:6', 'num_neurons:1e9');"
                + " t.dispatchEvent(new Event('input')); document.querySelector('#classify .apply').click(); })()");
        browser.until("document.querySelector('#classify .wrong-net').textContent.includes('num_neurons must be a number from 1 to 200, not 1000000000')");
        keep("mistake");
        browser.click("#classify .preset");
        browser.until("document.querySelector('#classify .wrong-net').hidden");
    }

    @Test
    void readsADigit() throws IOException, InterruptedException {
        browser.open(server.address() + "#/draw");
        browser.until("parseFloat(document.querySelector('#draw .accuracy')?.textContent) > 93");
        browser.drag("#draw .paper", 0.3, 0.2, 0.4, 0.2, 0.5, 0.2, 0.6, 0.2, 0.7, 0.2, 0.65, 0.35, 0.6, 0.5, 0.55, 0.65, 0.5, 0.75, 0.45, 0.85);
        // at one time: it learns on, and may read it differently by the next question
        browser.until("document.querySelector('#draw .verdict').textContent === 'I read a 7.' && document.querySelector('#draw .bar.best .digit').textContent === '7'");
        keep("draw");
        browser.click("#draw .labels button:nth-child(8)");
        browser.until("document.querySelector('#draw .count').textContent === '1' && document.querySelector('#draw .verdict').textContent.startsWith('Nothing')");
        nothingWentWrong();
    }

    @Test
    void paintsAPicture() throws IOException, InterruptedException {
        browser.open(server.address() + "#/paint");
        browser.until("parseFloat(document.querySelector('#paint .off')?.textContent) > 0");
        browser.until("parseFloat(document.querySelector('#paint .off').textContent) < 32");
        keep("paint");
        assertThat(browser.value("document.querySelector('#paint .painting').width").intValue()).isEqualTo(160);
        // the middle of the flower is red, the leaves at the left edge are not
        browser.until("!" + blue("#paint .painting", 0.48, 0.5) + " && " + blue("#paint .painting", 0.05, 0.5));
        browser.click("#paint .run"); // so that it runs again only when the other picture has been taken
        browser.until("document.querySelector('#paint .run').textContent === 'Run'");
        browser.click("#paint [data-photograph=china]");
        browser.until("document.querySelector('#paint .run').textContent === 'Pause'");
        browser.click("#paint .run");
        browser.until("document.querySelector('#paint .run').textContent === 'Run'");
        nothingWentWrong();
    }

    @Test
    void aSessionThatEndedIsBegunAnew() throws InterruptedException {
        browser.open(server.address());
        browser.until("document.querySelector('#classify .accuracy')?.textContent === '100.0 %'");
        server.endAll();
        assertThat(server.visitorCount()).isZero();
        browser.until("document.querySelector('#classify .accuracy').textContent !== '100.0 %'");
        browser.until("document.querySelector('#classify .accuracy').textContent === '100.0 %'");
        assertThat(server.visitorCount()).isEqualTo(1);
        // three classes
        browser.click("#classify input[name=kind][value='2']");
        browser.click(PLANE, 0.9, 0.1);
        browser.until("document.querySelector('#classify .layers').innerText.includes('softmax, 3 classes')"
                + " && document.querySelector('#classify .count').textContent === '201'");
        assertThat(browser.value("document.getElementById('message').hidden").booleanValue()).isTrue();
    }

    @Test
    void aClosedTabEndsItsSession() throws InterruptedException {
        browser.open(server.address());
        browser.until("Number(document.querySelector('#classify .steps')?.textContent) > 0");
        assertThat(server.visitorCount()).isEqualTo(1);
        browser.open("about:blank");
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (server.visitorCount() > 0 && System.nanoTime() < end) {
            Thread.sleep(50);
        }
        assertThat(server.visitorCount()).isZero();
    }
}
