// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Outbound
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPClientTests {
    @Test func send_returnsStatusHeadersAndBody() async throws {
        let server = try LoopbackServer(
            answering: "HTTP/1.1 418 T\r\nX-One:  a \r\nx-one: b\r\nContent-Length: 5\r\n\r\nhello"
        )
        let response = try await HTTPClient().send(.get(OutboundURL(server.url())))
        #expect(response.status == 418)
        #expect(response.headers == ["x-one": "a, b", "content-length": "5"])
        #expect(String(decoding: response.body, as: UTF8.self) == "hello")
    }

    @Test func send_whenAnswerHasInterimOneAndTrailer_keepsTheHeadersAlone() async throws {
        let server = try LoopbackServer(
            answering:
                "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "2\r\nok\r\n0\r\nTrailer: t\r\n\r\n"
        )
        let response = try await HTTPClient().send(.get(OutboundURL(server.url())))
        #expect(response.headers == ["transfer-encoding": "chunked"])
        #expect(response.body == Array("ok".utf8))
    }

    @Test func post_sendsFormAndHeadersAndNothingOfTheEnvironment() async throws {
        let server = try LoopbackServer(answering: "HTTP/1.1 204 No Content\r\nSet-Cookie: a=b\r\n\r\n")
        let client = HTTPClient()
        let request = OutboundRequest.post(
            try OutboundURL(server.url("/token")),
            form: [("code", "a b"), ("z", "&")],
            headers: [.acceptJSON]
        )
        _ = try await client.send(request)
        _ = try await client.send(request)
        let expected = """
            POST /token HTTP/1.1
            Host: 127.0.0.1:\(server.port)
            User-Agent: postern
            Accept: application/json
            Content-Type: application/x-www-form-urlencoded
            Content-Length: 16

            code=a%20b&z=%26
            """
        #expect(server.requests.map { $0.replacing("\r\n", with: "\n") } == [expected, expected])
    }

    @Test func send_whenRedirected_doesNotFollow() async throws {
        let target = try LoopbackServer(answering: "HTTP/1.1 200 OK\r\n\r\n")
        let server = try LoopbackServer(answering: "HTTP/1.1 302 Found\r\nLocation: \(target.url())\r\n\r\n")
        let response = try await HTTPClient().send(.get(OutboundURL(server.url())))
        #expect(response.status == 302)
        #expect(target.requests.isEmpty)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1001),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: "8\r\n12345678\r\n", count: 126),
        "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 17_000) + "\r\n\r\n",
        "HTTP/1.1 200 OK\r\n" + String(repeating: "X: y\r\n", count: 3000) + "\r\n",
    ])
    func send_whenAnswerIsOverTheLimit_aborts(answer: String) async throws {
        // The server keeps the connection, so only an abort can end the transfer this early.
        let server = try LoopbackServer {
            $0.send(answer)
            $0.waitForClose()
        }
        await expect(.tooLarge, .get(try OutboundURL(server.url()), responseLimit: 1000))
    }

    @Test func send_whenAnswerIsExactlyTheLimit_returnsIt() async throws {
        let server = try LoopbackServer(answering: "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1000))
        let response = try await HTTPClient().send(.get(OutboundURL(server.url()), responseLimit: 1000))
        #expect(response.body.count == 1000)
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"])
    func send_whenServerIsSilent_timesOut(start: String) async throws {
        let server = try LoopbackServer {
            $0.send(start)
            $0.waitForClose()
        }
        var configuration = HTTPClientConfiguration()
        configuration.totalTimeout = .milliseconds(200)
        await expect(.timeout, .get(try OutboundURL(server.url())), HTTPClient(configuration))
    }

    @Test func send_whenItsTurnDoesNotCome_timesOut() async throws {
        let (arrived, arrival) = AsyncStream.makeStream(of: Void.self)
        let server = try LoopbackServer {
            arrival.yield()
            $0.waitForClose()
        }
        var configuration = HTTPClientConfiguration()
        configuration.connectionsPerOrigin = 1
        configuration.totalTimeout = .milliseconds(300)
        let client = HTTPClient(configuration)
        let request = OutboundRequest.get(try OutboundURL(server.url()))
        async let first: Void = expect(.timeout, request, client)
        _ = await arrived.first { true }
        await expect(.timeout, request, client)
        await first
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\r\nname : x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "",
    ])
    func send_whenAnswerIsNotProperHTTP_throws(answer: String) async throws {
        let server = try LoopbackServer(answering: answer)
        await expect(.protocol, .get(try OutboundURL(server.url())))
    }

    @Test func send_whenNobodyListens_throwsWithoutNamingTheQuery() async throws {
        let url = try OutboundURL("http://127.0.0.1:1/token?code=s3cret")
        do throws(OutboundError) {
            _ = try await HTTPClient().send(.get(url))
            Issue.record("somebody listens on port 1")
        } catch {
            #expect(error.code == .connect)
            #expect("\(error)" == "http://127.0.0.1:1: no connection")
            #expect(error.debugDescription.hasPrefix("http://127.0.0.1:1: no connection ("))
            #expect(!error.debugDescription.contains("s3cret"))
        }
    }

    @Test func send_whenTaskIsCancelled_closesTheConnection() async throws {
        let (arrived, arrival) = AsyncStream.makeStream(of: Void.self)
        let (closed, closure) = AsyncStream.makeStream(of: Void.self)
        let server = try LoopbackServer {
            arrival.yield()
            $0.waitForClose()
            closure.yield()
        }
        let request = OutboundRequest.get(try OutboundURL(server.url()))
        let client = HTTPClient()
        let task = Task { await expect(.cancelled, request, client) }
        _ = await arrived.first { true }
        task.cancel()
        await task.value
        _ = await closed.first { true }
    }

    @Test func send_whenTaskIsCancelledAlready_throws() async throws {
        let server = try LoopbackServer { $0.waitForClose() }
        let request = OutboundRequest.get(try OutboundURL(server.url()))
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            await expect(.cancelled, request)
        }
        task.cancel()
        await task.value
    }

    @Test func send_whenManyGoToOneOrigin_limitsThem() async throws {
        let meeting = Meeting(capacity: 3)
        let server = try LoopbackServer {
            meeting.visit()
            $0.send("HTTP/1.1 200 OK\r\n\r\n")
        }
        var configuration = HTTPClientConfiguration()
        configuration.connectionsPerOrigin = 2
        let client = HTTPClient(configuration)
        let request = OutboundRequest.get(try OutboundURL(server.url()))
        await withTaskGroup { group in
            for _ in 0..<6 { group.addTask { #expect(await code(of: request, client) == nil) } }
        }
        #expect(server.requests.count == 6)
        #expect(meeting.largest == 2)
    }

    @Test func send_whenTooManyWait_throwsAtOnce() async throws {
        let (arrived, arrival) = AsyncStream.makeStream(of: Void.self)
        let gate = DispatchSemaphore(value: 0)
        let server = try LoopbackServer {
            arrival.yield()
            gate.wait()
            $0.send("HTTP/1.1 200 OK\r\n\r\n")
        }
        var configuration = HTTPClientConfiguration()
        configuration.connectionsPerOrigin = 1
        configuration.waitingLimit = 1
        let client = HTTPClient(configuration)
        let request = OutboundRequest.get(try OutboundURL(server.url()))

        let codes = await withTaskGroup(of: OutboundError.Code?.self) { group in
            group.addTask { await code(of: request, client) }
            _ = await arrived.first { true }
            group.addTask { await code(of: request, client) }
            group.addTask { await code(of: request, client) }
            let first = await group.next() ?? nil
            gate.signal()
            gate.signal()
            return await group.reduce(into: [first]) { $0.append($1) }
        }
        #expect(codes == [.unavailable, nil, nil])
    }
}

/// Why `request` fails; nil when it does not.
private func code(of request: OutboundRequest, _ client: HTTPClient) async -> OutboundError.Code? {
    do throws(OutboundError) {
        _ = try await client.send(request)
        return nil
    } catch {
        return error.code
    }
}

/// Sends `request` and expects it to fail with `code`.
func expect(
    _ code: OutboundError.Code,
    _ request: OutboundRequest,
    _ client: HTTPClient = HTTPClient(),
    sourceLocation: SourceLocation = #_sourceLocation
) async {
    do throws(OutboundError) {
        let response = try await client.send(request)
        Issue.record("answered \(response.status)", sourceLocation: sourceLocation)
    } catch {
        #expect(error.code == code, "\(error.reason ?? "")", sourceLocation: sourceLocation)
    }
}

/// Where threads that can meet do meet: a visitor stays until the place is full, or for a tenth of a second.
private final class Meeting: @unchecked Sendable {
    // @unchecked: what changes is read and written under the condition's lock.
    private let condition = NSCondition()
    private let capacity: Int
    private var present = 0
    private var most = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// How many were there at the same time.
    var largest: Int { condition.withLock { most } }

    func visit() {
        condition.withLock {
            present += 1
            most = max(most, present)
            condition.broadcast()
            let end = Date(timeIntervalSinceNow: 0.1)
            while most < capacity, condition.wait(until: end) {}
            present -= 1
        }
    }
}
