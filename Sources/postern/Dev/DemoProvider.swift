// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

/// The OpenID Connect provider of `postern dev`, in which anybody is who they say they are: for trying out only.
///
/// It is PyPI's `oidc-provider-mock`, on a loopback port. It takes any client id and secret, keeps nothing, and stops when
/// this process does.
final class DemoProvider {
    /// The people that its sign-in page offers, by their e-mail addresses.
    static let people = ["ada@example.com", "grace@example.com"]

    private static let usualPort: UInt16 = 9400

    private let executable: String
    private let log: String
    private var server: Companion?

    /// The issuer, once started: `http://127.0.0.1:9400`.
    private(set) var issuer = ""

    /// Finds the program in the Python environment that `scripts/venv` made in `directory`, and logs there too.
    init(directory: String) {
        self.executable = "\(directory)/venv/bin/oidc-provider-mock"
        self.log = "\(directory)/provider.log"
    }

    deinit {
        stop()
    }

    /// Whether the program is there; without it, `postern dev` has no provider to show.
    var isInstalled: Bool { access(executable, X_OK) == 0 }

    /// Starts the provider and waits until it takes connections.
    ///
    /// The port is 9400, or any free one when that is taken.
    func start() throws {
        guard let port = LoopbackPort.free(Self.usualPort) ?? LoopbackPort.free(0) else {
            throw DevError("no loopback port is free for the demonstration identity provider")
        }
        let users = Self.people.flatMap { person in
            ["--user-claims", #"{"sub":"\#(person)","email":"\#(person)","email_verified":true}"#]
        }
        let program = Program(arguments: [executable, "--port", "\(port)"] + users, log: log)
        let server = try Companion(program, stopSignal: "TERM")
        self.server = server
        var accepts = false
        _ = waitUntil(.seconds(30)) {
            accepts = LoopbackPort.accepts(port)
            return accepts || !server.isRunning
        }
        guard accepts else {
            stop()
            throw DevError("the demonstration identity provider did not start; its messages are in \(log)")
        }
        issuer = "http://127.0.0.1:\(port)"
    }

    /// Stops the provider and waits for it; doing it twice is harmless.
    func stop() {
        server?.stop(within: .seconds(5))
        server = nil
    }
}
