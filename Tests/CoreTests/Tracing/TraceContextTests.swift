// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct TraceContextTests {
    private static let id = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = "00-\(id)-00f067aa0ba902b7-01"

    private func state(_ values: String...) throws -> String? {
        try #require(TraceContext(parents: [Self.parent], states: values)).state?.text
    }

    @Test func parent_ofVersion0_isRead() throws {
        let trace = try #require(TraceContext(parents: [Self.parent], states: []))
        #expect(trace.traceID == Self.id)
        #expect(trace.parent(span: 0xAB) == "00-\(Self.id)-00000000000000ab-01")
        #expect(trace.state == nil)
    }

    @Test(arguments: [
        ("00-\(id)-00f067aa0ba902b7-00", "00"), ("00-\(id)-00f067aa0ba902b7-02", "00"),
        ("00-\(id)-00f067aa0ba902b7-ff", "01"), ("01-\(id)-00f067aa0ba902b7-01", "01"),
        ("fe-\(id)-00f067aa0ba902b7-01-and-more", "01"), ("cc-\(id)-00f067aa0ba902b7-01-", "01"),
    ])
    func parent_isPassedOnAsVersion0_withTheOneFlagThatIsKnown(text: String, flags: String) throws {
        let trace = try #require(TraceContext(parents: [text], states: []))
        #expect(trace.parent(span: 1) == "00-\(Self.id)-0000000000000001-\(flags)")
    }

    @Test func parent_ofEachRequest_hasASpanOfItsOwn() throws {
        let trace = try #require(TraceContext(parents: [Self.parent], states: []))
        #expect(trace.parent() != trace.parent())
        #expect(trace.parent().utf8.count == 55)
    }

    @Test(arguments: [
        "", "00", "00-\(id)-00f067aa0ba902b7-0", "00-\(id)-00f067aa0ba902b7-01 ", " \(parent)",
        "\(parent)-more",
        "ff-\(id)-00f067aa0ba902b7-01", "0g-\(id)-00f067aa0ba902b7-01",
        "01-\(id)-00f067aa0ba902b7-01.more",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-\(id)-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", "00-\(id)-00F067AA0BA902B7-01",
        "00_\(id)_00f067aa0ba902b7_01", "00-\(id)-00f067aa0ba902b7-0x",
        "00-\(id.dropLast())g-00f067aa0ba902b7-01",
        "00-\(id)-00f067aa0ba902b7-\u{661}1",
    ])
    func parent_ofAnotherForm_isNone(text: String) {
        #expect(TraceContext(parents: [text], states: ["a=b"]) == nil)
    }

    @Test func parent_thatIsMissingOrStandsTwice_isNone() {
        #expect(TraceContext(parents: [], states: ["a=b"]) == nil)
        #expect(TraceContext(parents: [Self.parent, Self.parent], states: []) == nil)
    }

    @Test func state_ofSeveralLines_isPassedOnAsOne() throws {
        #expect(
            try state("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")
                == "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"
        )
        #expect(try state("a=1 , ,\t b=2", "fw529a3039@dt=x y/*~") == "a=1,b=2,fw529a3039@dt=x y/*~")
    }

    @Test(arguments: [
        "", ",", "a", "a=", "=1", "A=1", "a=1,a=2", "a=1=2", "a=\u{7}", "a=ü", "a b=1", "a@b@c=1",
        "_a=1", "a=1\r\nX: y",
        (0..<33).map { "k\($0)=1" }.joined(separator: ","), "a=" + String(repeating: "x", count: 257),
        "a=\(String(repeating: "x", count: 255)),b=\(String(repeating: "x", count: 255))",
    ])
    func state_thatIsNotValid_isNone(text: String) throws {
        #expect(try state(text) == nil)
    }
}
