// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import Testing
import Worker

private let get = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
private let post = "POST /a HTTP/1.1\r\nHost: a\r\n"

/// A deadline is noticed up to a second late: half a second until what is waited for is seen, and half until its end is.
@Suite struct ConnectionDeadlineTests {
    @Test func connection_whenNoByteComes_isClosedWithoutAWord() throws {
        let connection = try TestConnection()
        connection.advance(seconds: 9)
        #expect(connection.isOpen)
        connection.advance(seconds: 2)
        #expect(!connection.isOpen)
        #expect(try connection.received() == "")
    }

    @Test func header_whenItComesAByteASecond_is408AfterTenSeconds() throws {
        let connection = try TestConnection()
        for byte in get.prefix(9) {
            try connection.send(String(byte))
            connection.advance(seconds: 1)
        }
        #expect(connection.isOpen)
        connection.advance(seconds: 2)
        let answer = try connection.received()
        #expect(answer.hasPrefix("HTTP/1.1 408 "))
        #expect(answer.contains("Connection: close\r\n") && answer.hasSuffix("request_timeout"))
        #expect(!connection.isOpen)
    }

    @Test func header_ofALaterRequest_hasItsOwnTime() throws {
        let connection = try TestConnection()
        for _ in 0..<3 {
            try connection.send(get)
            connection.answer()
            connection.advance(seconds: 8)
            try connection.send("GET /livez HTTP/1.1\r\n")
            connection.advance(seconds: 8)
            try connection.send("Host: a\r\n\r\n")
            connection.answer()
            #expect(try connection.received().contains("204"))
        }
        #expect(connection.isOpen)
    }

    @Test(arguments: ["G", "GET /li", "GET /livez HTTP/1.1\r\n", "GET /livez HTTP/1.1\r\nHost: a\r\n"])
    func header_thatBeginsTogetherWithTheEndOfARequest_hasTheSameTime(beginning: String) throws {
        let connection = try TestConnection()
        try connection.send(get + beginning)
        connection.answer()
        connection.advance(seconds: 11)
        #expect(try connection.received().contains("HTTP/1.1 408 "))
    }

    @Test func chunkedBody_whenItComesAByteASecond_is408AfterFifteenSeconds() throws {
        let connection = try TestConnection()
        try connection.send(post + "Transfer-Encoding: chunked\r\n\r\n")
        for _ in 0..<14 {
            try connection.send("1\r\na\r\n")
            connection.advance(seconds: 1)
        }
        #expect(connection.isOpen)
        connection.advance(seconds: 2)
        #expect(try connection.received().hasPrefix("HTTP/1.1 408 "))
        #expect(connection.served == 0)
        #expect(!connection.isOpen)
    }

    @Test func body_thatSomebodyReads_failsWithATimeoutAndTheAnswerIsTheLast() throws {
        let connection = try TestConnection()
        try connection.send(post + "Content-Length: 100\r\n\r\n")
        for _ in 0..<14 {
            try connection.send("a")
            connection.advance(seconds: 1)
        }
        #expect(connection.bodies.isEmpty)
        connection.advance(seconds: 2)
        #expect(connection.bodies == [nil])
        connection.answer()
        #expect(try connection.received().contains("Connection: close"))
        #expect(!connection.isOpen)
    }

    @Test func work_whenItTakesTooLong_isGivenUpAndAnswered503() throws {
        let connection = try TestConnection()
        try connection.send(get)
        connection.advance(seconds: 9)
        #expect(try connection.received() == "")
        connection.advance(seconds: 2)
        let answer = try connection.received()
        #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("Connection: close"))
        #expect(connection.timesAbandoned == 1)
        #expect(!connection.isOpen)
    }

    @Test func work_thatIsDoneAfterTheTime_isNotWritten() throws {
        let connection = try TestConnection()
        try connection.send("HEAD /livez HTTP/1.1\r\nHost: a\r\n\r\n" + get)
        connection.advance(seconds: 11)
        connection.answer()
        let received = try connection.received()
        #expect(received.hasPrefix("HTTP/1.1 503 ") && received.hasSuffix("\r\n\r\n"), "a HEAD has no body")
        #expect(!received.contains("204"))
        #expect(connection.served == 1, "nobody gets an answer to what was sent behind it")
    }

    @Test func work_whenTheClientIsGone_isCancelled() throws {
        let connection = try TestConnection()
        try connection.send(get)
        try connection.channel.close().wait()
        #expect(connection.timesAbandoned == 1)
        connection.answer()
    }

    @Test func work_whenTheClientHasClosedItsSide_isCancelledAfterASecond() throws {
        let connection = try TestConnection()
        try connection.send(get)
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        connection.loop.advanceTime(by: .milliseconds(900))
        #expect(connection.timesAbandoned == 0)
        connection.advance(seconds: 1)
        #expect(connection.timesAbandoned == 1)
        connection.answer(body: Array("done".utf8))
        #expect(try connection.received().hasSuffix("done"), "one that only half closed gets its answer")
        #expect(!connection.isOpen)
    }

    @Test func work_onEachOfManyRequests_hasItsOwnTime() throws {
        let connection = try TestConnection()
        try connection.send(get + get + get + "GET /slow")
        for _ in 0..<3 {
            connection.advance(seconds: 8)
            connection.answer()
        }
        #expect(connection.isOpen && connection.timesAbandoned == 0)
        connection.advance(seconds: 11)
        #expect(try connection.received().contains("408"), "the header has its time after the answers")
    }

    @Test func answer_whenTheClientDoesNotTakeIt_endsTheConnection() throws {
        let connection = try TestConnection()
        try connection.send(get)
        let peer = SilentPeer()
        try connection.channel.pipeline.syncOperations.addHandler(peer, position: .first)
        peer.isFull = true
        connection.answer()
        connection.advance(seconds: 14)
        #expect(connection.isOpen)
        connection.advance(seconds: 2)
        #expect(!connection.isOpen)
    }

    @Test func idleConnection_isClosedAfterSeventyFiveSeconds() throws {
        let connection = try TestConnection()
        try connection.send(get)
        connection.answer()
        _ = try connection.received()
        connection.advance(seconds: 74)
        #expect(connection.isOpen)
        connection.advance(seconds: 2)
        #expect(try connection.received() == "")
        #expect(!connection.isOpen)
    }

    @Test func idleConnection_ofAPeerThatIsGone_isFreed() throws {
        let connection = try TestConnection()
        try connection.channel.pipeline.syncOperations.addHandler(SilentPeer(), position: .first)
        try connection.send(get)
        connection.answer()
        connection.advance(seconds: 76)
        #expect(connection.isOpen, "only this side is closed so far, and the peer has time to close the other")
        connection.advance(seconds: 2)
        #expect(!connection.isOpen)
    }

    @Test func lastAnswer_toAPeerThatIsGone_isGivenUpAfterFifteenSeconds() throws {
        let connection = try TestConnection()
        let peer = SilentPeer()
        try connection.channel.pipeline.syncOperations.addHandler(peer, position: .first)
        try connection.send("GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        peer.isFull = true
        connection.answer()
        connection.advance(seconds: 14)
        #expect(connection.isOpen)
        connection.advance(seconds: 2)
        #expect(!connection.isOpen)
    }

    @Test func idleConnection_whenDraining_isKeptForTwoSeconds() throws {
        let connection = try TestConnection()
        try connection.send(get)
        connection.answer()
        connection.advance(seconds: 20)
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        connection.advance(seconds: 1)
        #expect(connection.isOpen)
        connection.advance(seconds: 2)
        #expect(!connection.isOpen)
    }
}
