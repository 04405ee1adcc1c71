// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import Supervisor
import Testing

/// One after another, because the file mode of a socket comes from the umask, which all threads share.
@Suite(.serialized) struct ListeningSocketTests {
    private static func temporaryPath() -> String {
        "/tmp/postern-test-\(getpid())-\(UInt64.random(in: 0 ... .max)).sock"
    }

    @Test func init_withPort0_listensOnAFreePortInBlockingMode() throws {
        let socket = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
        defer { socket.close() }
        guard case .tcp("127.0.0.1", let port) = socket.address else {
            Issue.record("\(socket.address)")
            return
        }
        #expect(port != 0)
        #expect(socket.descriptor >= 100)
        #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(socket.descriptor, F_GETFL) & O_NONBLOCK == 0)
        #expect(Client.connect(to: socket.address) == 0)
    }

    @Test func init_onATakenPort_saysSoInOneLine() throws {
        let socket = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
        defer { socket.close() }
        let error = #expect(throws: ListenError.self) { try ListeningSocket(socket.address) }
        #expect(error?.description == "cannot listen on \(socket.address): Address already in use")
    }

    @Test func init_onAForeignAddress_saysSo() {
        let error = #expect(throws: ListenError.self) { try ListeningSocket(.tcp(host: "192.0.2.1", port: 80)) }
        #expect(error?.description == "cannot listen on 192.0.2.1:80: Cannot assign requested address")
    }

    @Test func close_whileAnotherHoldsTheSocket_leavesItTheQueue() throws {
        let socket = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
        let heldByWorker = fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 100)
        #expect(Client.connect(to: socket.address) == 0)
        socket.close()
        let accepted = accept(heldByWorker, nil, nil)
        #expect(accepted >= 0)
        close(accepted)
        close(heldByWorker)
        #expect(Client.connect(to: socket.address) == ECONNREFUSED)
    }

    @Test func close_whileAnotherHoldsTheSocket_admitsNoNewConnection() throws {
        let socket = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
        let heldByWorker = fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 100)
        defer { close(heldByWorker) }
        socket.close()
        _ = Client.connect(to: socket.address, waits: false)
        // On the loopback interface a handshake ends before the call that begins it.
        var queue = pollfd(fd: heldByWorker, events: Int16(POLLIN), revents: 0)
        #expect(poll(&queue, 1, 0) == 0)
    }

    @Test func init_onASocketFile_makesItForOwnerAndGroup() throws {
        let path = Self.temporaryPath()
        let socket = try ListeningSocket(.unix(path: path))
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o660)
        #expect(Client.connect(to: .unix(path: path)) == 0)
        socket.close()
        #expect(FileIdentity(path: path) == nil)
    }

    @Test func init_onAStaleSocketFile_replacesIt() throws {
        let path = Self.temporaryPath()
        close(try ListeningSocket(.unix(path: path)).descriptor)
        #expect(FileIdentity(path: path)?.isSocket == true)
        let socket = try ListeningSocket(.unix(path: path))
        defer { socket.close() }
        #expect(Client.connect(to: .unix(path: path)) == 0)
    }

    @Test func init_onASocketFileInUse_leavesItAlone() throws {
        let path = Self.temporaryPath()
        let socket = try ListeningSocket(.unix(path: path))
        defer { socket.close() }
        let error = #expect(throws: ListenError.self) { try ListeningSocket(.unix(path: path)) }
        #expect(error?.reason == "Address already in use")
        #expect(Client.connect(to: .unix(path: path)) == 0)
    }

    @Test func init_onAnotherFile_leavesItAlone() throws {
        let path = Self.temporaryPath()
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        defer { unlink(path) }
        let error = #expect(throws: ListenError.self) { try ListeningSocket(.unix(path: path)) }
        #expect(error?.reason == "File exists and is no socket")
        #expect(FileIdentity(path: path) != nil)
    }

    @Test func close_whenTheFileIsAnothersByNow_leavesItAlone() throws {
        let path = Self.temporaryPath()
        let old = try ListeningSocket(.unix(path: path))
        unlink(path)
        let new = try ListeningSocket(.unix(path: path))
        defer { new.close() }
        old.close()
        #expect(Client.connect(to: .unix(path: path)) == 0)
    }
}
