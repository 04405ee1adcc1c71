// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The trace that a request belongs to, as its caller named it (W3C Trace Context).
///
/// None is ever made here: who sends none has no trace.
package struct TraceContext: Sendable {
    /// The trace of the request that this task works on.
    @TaskLocal package static var current: TraceContext?

    /// 32 hexadecimal digits, the same in every service that takes part.
    package let traceID: String
    /// Whether the caller records the trace.
    let isSampled: Bool
    /// What tracing systems have to say to each other, to be passed on; nil when there is nothing.
    package let state: TraceState?

    /// The trace that header fields name.
    ///
    /// Nil when `traceparent` is missing, stands twice, or has not the form of section 3.2. A `tracestate` that is not valid
    /// counts as none.
    ///
    /// - Parameters:
    ///   - parents: The values of `traceparent`.
    ///   - states: The values of `tracestate`, in their order.
    package init?(parents: [String], states: [String]) {
        guard parents.count == 1, case let text = Array(parents[0].utf8), text.count >= 55 else {
            return nil
        }
        let dash = UInt8(ascii: "-")
        guard
            text[2] == dash, text[35] == dash, text[52] == dash,
            let version = Self.byte(text[0..<2]), version != 0xFF,
            // Later versions may add fields behind another dash.
            text.count == 55 || version > 0 && text[55] == dash,
            Self.isIdentifier(text[3..<35]), Self.isIdentifier(text[36..<52]),
            let flags = Self.byte(text[53..<55])
        else { return nil }
        self.traceID = String(decoding: text[3..<35], as: UTF8.self)
        self.isSampled = flags & 1 == 1
        self.state = TraceState(states)
    }

    /// The value of `traceparent` for a request to another service, with a new span.
    package func parent(span: UInt64 = .random(in: 1...UInt64.max)) -> String {
        let digits = String(span, radix: 16)
        return
            "00-\(traceID)-\(String(repeating: "0", count: 16 - digits.utf8.count))\(digits)-\(isSampled ? "01" : "00")"
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        // In lower case alone.
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func isIdentifier(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy(isHexadecimal) && bytes.contains { $0 != UInt8(ascii: "0") }
    }

    private static func byte(_ digits: ArraySlice<UInt8>) -> UInt8? {
        digits.allSatisfy(isHexadecimal) ? Hex.decode(digits)?.first : nil
    }
}
