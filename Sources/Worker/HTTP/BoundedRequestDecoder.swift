// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import NIOCore
import NIOHTTP1

/// NIO's decoder, with limits for what it does not count, and with errors that say what was wrong.
struct BoundedRequestDecoder: ByteToMessageDecoder {
    typealias InboundOut = HTTPServerRequestPart

    private let decoder: HTTPRequestDecoder
    private let progress: RequestProgress
    /// The decoder leaves a header field, or the target, in the buffer until it is complete.
    private var unfinishedBytes = 0
    /// The last byte in front of the unfinished bytes that is no blank.
    private var byteBefore: UInt8 = 0

    init(_ progress: RequestProgress) {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = RequestLimits.header
        // NIO counts the target too, and no separators. What is exact is checked when the header is complete.
        limits.maxHeaderListSize = RequestLimits.header + RequestLimits.target
        limits.maxHeaderFieldCount = RequestLimits.fieldCount
        self.decoder = HTTPRequestDecoder(limitConfiguration: limits)
        self.progress = progress
    }

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        let start = buffer.readerIndex
        progress.receivedBytes += buffer.readableBytes - unfinishedBytes
        do {
            _ = try decoder.decode(context: context, buffer: &buffer)
        } catch HTTPParserError.invalidMethod where isRequestLine(buffer) {
            throw DomainError(.notImplemented, "This method is not known here.")
        }
        unfinishedBytes = buffer.readableBytes
        rememberByteBefore(buffer, since: start)
        noteNextRequest(buffer, since: start)
        try checkLimits()
        return .needMoreData
    }

    mutating func decodeLast(
        context: ChannelHandlerContext,
        buffer: inout ByteBuffer,
        seenEOF: Bool
    ) throws -> DecodingState {
        try decoder.decodeLast(context: context, buffer: &buffer, seenEOF: seenEOF)
    }

    mutating func decoderAdded(context: ChannelHandlerContext) {
        decoder.decoderAdded(context: context)
    }

    mutating func decoderRemoved(context: ChannelHandlerContext) {
        decoder.decoderRemoved(context: context)
    }

    private func checkLimits() throws(DomainError) {
        // A method stands before the target; a name follows a line end, and a value follows a colon.
        let isInTarget = unfinishedBytes > 0 && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byteBefore)
        if isInTarget && unfinishedBytes > RequestLimits.target {
            throw .uriTooLong
        }
        if progress.isInBody {
            if progress.receivedBytes > RequestLimits.bodyOnTheWire { throw .bodyTooLarge }
        } else if progress.receivedBytes > RequestLimits.headOnTheWire {
            throw .headersTooLarge
        }
    }

    private mutating func rememberByteBefore(_ buffer: ByteBuffer, since start: Int) {
        var consumed = buffer
        consumed.moveReaderIndex(to: start)
        let length = buffer.readerIndex - start
        let last = consumed.withUnsafeReadableBytes { bytes in
            bytes.prefix(length).last { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        }
        byteBefore = last ?? byteBefore
    }

    /// Counts the beginning of a request that came together with the end of the one before it.
    private func noteNextRequest(_ buffer: ByteBuffer, since start: Int) {
        guard progress.receivedBytes == 0, !progress.isInBody else { return }
        // A header ends with an empty line. Where a body ends its bytes do not say, so the next ones have to.
        var consumed = buffer
        consumed.moveReaderIndex(to: start)
        let end = consumed.readableBytesView.prefix(buffer.readerIndex - start).suffix(4)
        let isAtEnd = progress.hasBody || end.elementsEqual("\r\n\r\n".utf8)
        progress.receivedBytes = unfinishedBytes > 0 || isAtEnd ? unfinishedBytes : 1
    }

    /// Whether the buffer holds all of a request from its beginning, and its first line has the form that HTTP wants.
    private func isRequestLine(_ buffer: ByteBuffer) -> Bool {
        guard progress.receivedBytes == buffer.readableBytes else { return false }
        let line = buffer.readableBytesView.prefix { $0 != UInt8(ascii: "\r") }
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, (1...32).contains(words[0].count) else { return false }
        return words[0].allSatisfy(Self.isTokenByte) && words[2].starts(with: "HTTP/1.".utf8)
    }

    /// RFC 9110 section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
