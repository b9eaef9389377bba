package dev.sinew.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class PlaygroundCommandTest {
    @Test
    void aPortThatIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Cli cli = Cli.run("playground", "--no-browser", "--port", taken.getLocalPort());
            assertThat(cli.code()).isEqualTo(2);
            assertThat(cli.err()).contains("port " + taken.getLocalPort() + " is taken").contains("--port");
        }
    }

    @Test
    void aPortThatIsNone() {
        assertThat(Cli.run("playground", "--port", 70_000).err()).contains("the port must be from 0 to 65535, not 70000");
        assertThat(Cli.run("playground", "--port", "x").code()).isEqualTo(2);
    }
}
