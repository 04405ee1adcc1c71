// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCurl
import Core

/// One request while libcurl works on it, and what has come back so far.
///
/// It lives on the transfer thread alone; libcurl calls back only from `curl_multi_perform` on that thread.
final class Transfer {
    let submission: Submission
    let handle: EasyHandle
    private let headerLimit: Int
    private var headers: [String: String] = [:]
    private var headerBytes = 0
    private var hasAllHeaders = false
    private var body: [UInt8] = []
    /// Why a callback stopped the transfer.
    private var failure: OutboundError.Code?

    init(_ submission: Submission, _ configuration: HTTPClientConfiguration) throws(EasyHandle.Failure) {
        self.submission = submission
        self.handle = try EasyHandle()
        self.headerLimit = configuration.headerLimit
        try setRequest()
        try setLimits(configuration)
        try setTrust(configuration)
        try setReceivers()
    }

    private func setRequest() throws(EasyHandle.Failure) {
        let request = submission.request
        try handle.set(CURLOPT_URL, request.url.text)
        try handle.set(CURLOPT_PROTOCOLS_STR, request.url.scheme.rawValue)
        try handle.set(CURLOPT_FOLLOWLOCATION, 0)
        try handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try handle.set(CURLOPT_USERAGENT, "postern")
        // Nothing of the environment decides where a request goes or what it carries.
        try handle.set(CURLOPT_PROXY, "")
        try handle.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        try handle.set(CURLOPT_NOSIGNAL, 1)
        // Without it, ending a transfer that still resolves a name would block this thread, and so every transfer.
        try handle.set(CURLOPT_QUICK_EXIT, 1)
        // An empty `Expect` keeps libcurl from waiting for a "100 Continue" that many servers never send.
        try handle.setHeaders(request.headers.map { "\($0.name): \($0.value.exposed)" } + ["Expect:"])
        if request.method == .post { try handle.setBody(request.body) }
    }

    private func setLimits(_ configuration: HTTPClientConfiguration) throws(EasyHandle.Failure) {
        try handle.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds: configuration.connectTimeout)
        try handle.set(CURLOPT_TIMEOUT_MS, milliseconds: submission.deadline - .now())
        try handle.set(CURLOPT_LOW_SPEED_LIMIT, 64)
        try handle.set(CURLOPT_LOW_SPEED_TIME, Int(configuration.lowSpeedTimeout.components.seconds))
        try handle.setSizeLimit(submission.request.responseLimit)
    }

    private func setTrust(_ configuration: HTTPClientConfiguration) throws(EasyHandle.Failure) {
        try handle.set(CURLOPT_SSL_VERIFYPEER, 1)
        try handle.set(CURLOPT_SSL_VERIFYHOST, 2)
        try handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let file = configuration.caFile { try handle.set(CURLOPT_CAINFO, file) }
    }

    private func setReceivers() throws(EasyHandle.Failure) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        try handle.setReceiver(CURLOPT_HEADERFUNCTION, CURLOPT_HEADERDATA, context: context, callback: Self.onHeader)
        try handle.setReceiver(CURLOPT_WRITEFUNCTION, CURLOPT_WRITEDATA, context: context, callback: Self.onBody)
    }

    private static let onHeader: curl_write_callback = { start, _, count, context in
        let bytes = UnsafeRawBufferPointer(start: start, count: count)
        return Transfer.at(context)?.receive(header: bytes) == true ? count : 0
    }

    private static let onBody: curl_write_callback = { start, _, count, context in
        let bytes = UnsafeRawBufferPointer(start: start, count: count)
        return Transfer.at(context)?.receive(body: bytes) == true ? count : 0
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
    }

    /// Takes one line of the header block, with its line end; false stops the transfer.
    private func receive(header bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= headerLimit else { return stop(.tooLarge) }
        // What follows the header block is a trailer, and no trailer is a header.
        if hasAllHeaders { return true }
        let line = String(decoding: bytes, as: UTF8.self).trimmingLineEnd
        if line.isEmpty {
            // The block of a 1xx answer is not the last one.
            hasAllHeaders = handle.status >= 200
        } else if line.hasPrefix("HTTP/") {
            headers = [:]
        } else {
            // A name that is empty or ends in a space, and a folded line, are how two readers come to disagree.
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex,
                line[..<colon].utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else { return stop(.protocol) }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].trimmingSpaces
            headers[name] = headers[name].map { "\($0), \(value)" } ?? String(value)
        }
        return true
    }

    private func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= submission.request.responseLimit else { return stop(.tooLarge) }
        body.append(contentsOf: bytes)
        return true
    }

    private func stop(_ code: OutboundError.Code) -> Bool {
        failure = code
        return false
    }

    /// Tells the caller how libcurl ended the transfer.
    func finish(_ result: CURLcode) {
        guard result == CURLE_OK else {
            let code = failure ?? OutboundError.Code(result)
            let error = OutboundError(code, origin: submission.request.url.origin, reason: handle.errorText)
            return submission.resume(.failure(error))
        }
        submission.resume(.success(OutboundResponse(status: handle.status, headers: headers, body: body)))
    }
}

extension StringProtocol where SubSequence == Substring {
    fileprivate var trimmingLineEnd: Substring {
        self[..<(lastIndex { !$0.isNewline }.map(index(after:)) ?? startIndex)]
    }

    fileprivate var trimmingSpaces: Substring {
        let isText: (Character) -> Bool = { $0 != " " && $0 != "\t" }
        guard let first = firstIndex(where: isText), let last = lastIndex(where: isText) else { return "" }
        return self[first...last]
    }
}
