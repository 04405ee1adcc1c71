// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// An HTTP request to another service.
///
/// It prints as method and origin alone, because headers and body hold secrets.
package struct OutboundRequest: Sendable {
    /// The methods that a provider is called with.
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    /// Bytes of answer that are read unless the request says otherwise.
    package static let defaultResponseLimit = 64 * 1024

    package let method: Method
    package let url: OutboundURL
    package private(set) var headers: [Header]
    package let body: [UInt8]
    /// Bytes of body after which the transfer is aborted.
    package let responseLimit: Int

    /// A request that reads.
    package static func get(
        _ url: OutboundURL,
        headers: [Header] = [],
        responseLimit: Int = defaultResponseLimit
    ) -> OutboundRequest {
        OutboundRequest(method: .get, url: url, headers: headers, body: [], responseLimit: responseLimit)
    }

    /// A request that sends a form (`application/x-www-form-urlencoded`).
    package static func post(
        _ url: OutboundURL,
        form: [FormURLEncoded.Field],
        headers: [Header] = [],
        responseLimit: Int = defaultResponseLimit
    ) -> OutboundRequest {
        OutboundRequest(
            method: .post,
            url: url,
            headers: headers + [.contentType("application/x-www-form-urlencoded")],
            body: Array(FormURLEncoded.encode(form).utf8),
            responseLimit: responseLimit
        )
    }
}

extension OutboundRequest {
    /// The same request, as a part of the trace of the request that is being worked on, if that has one.
    var traced: OutboundRequest {
        guard let trace = TraceContext.current else { return self }
        var request = self
        request.headers += [Header("traceparent", trace.parent())].compactMap { $0 }
        if let state = trace.state { request.headers += [Header("tracestate", state.text)].compactMap { $0 } }
        return request
    }
}

extension OutboundRequest: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(method.rawValue) \(url.origin)" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
