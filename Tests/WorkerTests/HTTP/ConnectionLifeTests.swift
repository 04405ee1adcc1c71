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
            try connection.answer()
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
            try connection.answer()
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
        for _ in 0..<1500 { try connection.answer() }
        #expect(connection.isOpen)
        #expect(try connection.served() == 1500)
        connection.hasUnread = false
        try connection.send(get)
        try connection.answer()
        #expect(!connection.isOpen)
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
