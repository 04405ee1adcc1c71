// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import Synchronization
import Testing
import Worker

private let get = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite struct ConnectionLifeTests {
    @Test func connection_afterAThousandRequests_endsWithAnAnswerThatSaysSo() throws {
        let connection = try TestConnection()
        var count = 0
        while connection.isOpen && count < 2000 {
            try connection.send(get)
            connection.answer()
            count += 1
            let answer = try connection.received()
            #expect(answer.contains("Connection: close") == !connection.isOpen)
        }
        #expect((900...1000).contains(count))
    }

    @Test func connection_afterTenMinutes_endsWithAnAnswerThatSaysSo() throws {
        let connection = try TestConnection()
        var minutes = 0
        while true {
            try connection.send(get)
            connection.answer()
            guard connection.isOpen && minutes < 20 else { break }
            connection.advance(seconds: 60)
            minutes += 1
        }
        #expect((9...11).contains(minutes))
        #expect(try connection.received().contains("Connection: close"))
    }

    @Test func connection_whenRequestsWereSentAhead_answersAllOfThemFirst() throws {
        let connection = try TestConnection()
        for _ in 0..<1500 { try connection.send(get) }
        connection.hasUnread = true
        for _ in 0..<1500 { connection.answer() }
        #expect(connection.isOpen)
        #expect(connection.served == 1500)
        connection.hasUnread = false
        try connection.send(get)
        connection.answer()
        #expect(!connection.isOpen)
    }

    @Test func body_thatTheClientKeepsBack_isAskedForWhenSomebodyReadsIt() throws {
        let connection = try TestConnection()
        try connection.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        #expect(try connection.received() == "HTTP/1.1 100 Continue\r\n\r\n")
        try connection.send("body")
        connection.loop.run()
        #expect(connection.bodies == [Array("body".utf8)])
        connection.answer(body: Array("answer".utf8))
        #expect(
            try connection.received() == "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer"
        )
        #expect(connection.isOpen)
    }

    @Test func connection_whenRequestsAreSentAhead_readsNoMoreUntilTheyAreAnswered() throws {
        let connection = try TestConnection()
        let peer = SilentPeer()
        try connection.channel.pipeline.syncOperations.addHandler(peer, position: .first)
        try connection.send(get)
        connection.channel.read()
        #expect(peer.reads == 1)
        try connection.send(get)
        connection.channel.read()
        #expect(peer.reads == 1)
        connection.answer()
        #expect(peer.reads == 2)
    }

    @Test func connections_whenThereIsNoRoom_loseThoseThatAreIdleForLongest() throws {
        let loop = EmbeddedEventLoop()
        let isShort = TestConnection.Shared(false)
        let clock = ConnectionClock.start(on: loop) { isShort.value.withLock { $0 } }
        let older = try TestConnection(loop: loop, clock: clock)
        let busy = try TestConnection(loop: loop, clock: clock)
        try busy.send(get)
        loop.advanceTime(by: .seconds(3))
        let younger = try TestConnection(loop: loop, clock: clock)
        loop.advanceTime(by: .seconds(3))
        let newest = try TestConnection(loop: loop, clock: clock)

        isShort.value.withLock { $0 = true }
        loop.advanceTime(by: .milliseconds(500))
        #expect([older, busy, younger, newest].map(\.isOpen) == [false, true, true, true])
        loop.advanceTime(by: .milliseconds(1000))
        #expect([older, busy, younger, newest].map(\.isOpen) == [false, true, false, true])
    }

    @Test func connections_thatAreGone_costTheClockNothing() throws {
        let loop = EmbeddedEventLoop()
        let clock = ConnectionClock.start(on: loop) { false }
        weak var channel: EmbeddedChannel?
        do {
            let connection = try TestConnection(loop: loop, clock: clock)
            channel = connection.channel
            try connection.channel.close().wait()
            loop.run()
        }
        #expect(channel == nil)
    }
}
