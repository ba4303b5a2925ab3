// SPDX-License-Identifier: Apache-2.0
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/** One node on loopback, below the folder that is the argument. Prints the port of its HTTP interface, and ends when its
 *  standard input does. */
public class OpenSearchNode {
    static class Embedded extends Node {
        Embedded(Settings settings, Path config) {
            super(new Environment(settings, config), List.of(Netty4Plugin.class), false);
        }

        int port() {
            return injector().getInstance(HttpServerTransport.class).boundAddress().publishAddress().getPort();
        }
    }

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        Path config = Files.createDirectories(home.resolve("config"));
        Settings settings = Settings.builder()
                .put("path.home", home)
                .put("node.name", "test")
                .put("cluster.name", "trapkafka-test")
                .put("discovery.type", "single-node")
                .put("transport.type", "netty4")
                .put("http.type", "netty4")
                .put("network.host", "127.0.0.1")
                .put("http.port", "0")
                .put("transport.port", "0")
                .put("cluster.routing.allocation.disk.threshold_enabled", false)
                .build();
        try (Embedded node = new Embedded(settings, config)) {
            node.start();
            System.out.println("port " + node.port());
            while (System.in.read() >= 0)
                continue;
        }
        System.exit(0);
    }
}
