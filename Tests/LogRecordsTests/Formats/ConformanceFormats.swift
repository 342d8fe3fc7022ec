@testable import LogRecords

extension ConformanceTests {
    private static let clf = "26/Feb/2026:10:00:05 +0000"

    /// An address with its port as servers write it that put none in brackets.
    private static func endpoint(_ address: String) -> String { "\(address):4711" }

    /// Servers that write text.
    private static let texts: [Format] = [
        // ngx_http_log_module; the verdict behind it, in quotes and without.
        Format(
            profile: "nginx-combined", words: ("HIT", "MISS", "-"),
            line: { address, method, target, word, _ in
                #"\#(address) - - [\#(clf)] "\#(method) \#(target) HTTP/1.1" 200 3000 "-" "App/1.0" "\#(word)""#
            }),
        Format(
            profile: "nginx-combined", words: ("HIT", "MISS", "-"),
            line: { address, method, target, word, _ in
                #"\#(address) - - [\#(clf)] "\#(method) \#(target) HTTP/1.1" 200 3000 "-" "App/1.0" "203.0.113.5" 0.120 0.050, 0.069 \#(word) 8d4ab4d2e1d5f0a3c6b7a8d9e0f1a2b3"#
            }),
        // mod_log_config: common, and Debian's vhost_combined.
        Format(
            profile: "apache-common",
            line: { address, method, target, _, _ in
                #"\#(address) - - [\#(clf)] "\#(method) \#(target) HTTP/1.1" 200 3000"#
            }),
        Format(
            profile: "apache-vhost",
            line: { address, method, target, _, _ in
                #"relay.test:443 \#(address) - - [\#(clf)] "\#(method) \#(target) HTTP/1.1" 200 3000 "-" "App/1.0""#
            }),
        // kubernetes.github.io/ingress-nginx, Log format.
        Format(
            profile: "ingress-nginx",
            line: { address, method, target, _, _ in
                #"\#(address) - - [\#(clf)] "\#(method) \#(target) HTTP/1.1" 200 3000 "-" "App/1.0" 79 0.120 [cams-relay-80] [] 10.0.0.1:80, 10.0.0.2:80 0, 3000 0.050, 0.069 502, 200 5d2c0a8f4e6b7a9d1c3e5f7081920304"#
            }),
        Format(
            profile: "nginx-amplify", words: ("HIT", "MISS", "-"),
            line: { address, method, target, word, _ in
                #"\#(address) - - [\#(clf)] "\#(method) \#(target) HTTP/1.1" 200 3000 "-" "App/1.0" "-" "relay.test" sn="relay" rt=0.120 ua="10.0.0.1:80" us="200" ut="0.119" ul="3000" cs=\#(word)"#
            }),
        Format(
            profile: "nginx-proxy-manager", words: ("HIT", "MISS", "-"),
            line: { address, method, target, word, _ in
                #"[\#(clf)] \#(word) 200 200 - \#(method) https relay.test "\#(target)" [Client \#(address)] [Length 3000] [Gzip -] [Sent-to 10.0.0.1] "App/1.0" "-""#
            }),
        // doc.traefik.io, Access logs, common format.
        Format(
            profile: "traefik",
            line: { address, method, target, _, _ in
                #"\#(address) - - [\#(clf)] "\#(method) \#(target) HTTP/1.1" 200 3000 "-" "-" 1 "relay@docker" "http://10.0.0.1:80" 120ms"#
            }),
        // varnishncsa(1), the default format.
        Format(
            profile: "varnishncsa-combined",
            line: { address, method, target, _, _ in
                #"\#(address) - - [\#(clf)] "\#(method) http://relay.test\#(target) HTTP/1.1" 200 3000 "-" "App/1.0""#
            }),
        // squid.conf, logformat squid and combined; the wiki's result codes.
        Format(
            profile: "squid-native", words: ("TCP_HIT", "TCP_MISS", "NONE"), tellsAborts: true,
            line: { address, method, target, word, isAborted in
                "1772100005.300    120 \(address) \(word)\(isAborted ? "_ABORTED" : "")/200 3120 \(method) http://relay.test\(target) - HIER_DIRECT/10.0.0.1 image/jpeg"
            }),
        Format(
            profile: "squid-combined", words: ("TCP_HIT", "TCP_MISS", "NONE"), tellsAborts: true,
            line: { address, method, target, word, isAborted in
                #"\#(address) - - [\#(clf)] "\#(method) http://relay.test\#(target) HTTP/1.1" 200 3120 "-" "App/1.0" \#(word)\#(isAborted ? "_TIMEDOUT" : ""):HIER_DIRECT"#
            }),
        Format(
            profile: "trafficserver-squid", words: ("TCP_MEM_HIT", "TCP_MISS", "ERR_UNKNOWN"), tellsAborts: true,
            line: { address, method, target, word, isAborted in
                "1772100005.300 120 \(address) \(isAborted ? "ERR_CLIENT_READ_ERROR" : word)/200 3120 \(method) http://relay.test\(target) - DIRECT/relay.test image/jpeg"
            }),
        Format(
            profile: "trafficserver-extended2", words: ("TCP_HIT", "TCP_MISS", "-"), tellsAborts: true,
            line: { address, method, target, word, isAborted in
                #"\#(address) - - [\#(clf)] "\#(method) http://relay.test\#(target) HTTP/1.1" 200 3000 200 3000 0 0 300 250 310 260 0 DIRECT \#(isAborted ? "INTR" : "FIN") FIN \#(word)"#
            }),
        // docs.trafficserver.apache.org, Emulating other HTTP server formats: Netscape extended.
        Format(
            profile: "trafficserver-extended",
            line: { address, method, target, _, _ in
                #"\#(address) - - [\#(clf)] "\#(method) http://relay.test\#(target) HTTP/1.1" 200 3000 200 3000 0 0 300 250 310 260 0"#
            }),
        // HAProxy's manual, 8.2.3; IPv6 stands without brackets.
        Format(
            profile: "haproxy-http", words: ("<CACHE>", "s1", "s1"), tellsAborts: true,
            line: { address, method, target, word, isAborted in
                #"\#(endpoint(address)) [26/Feb/2026:10:00:05.300] fe~ be/\#(word) 0/0/1/2/120 200 3000 - - \#(isAborted ? "CDVN" : "--VN") 1/1/0/0/0 0/0 "\#(method) \#(target) HTTP/1.1""#
            }),
        Format(
            profile: "envoy", tellsAborts: true,
            line: { address, method, target, _, isAborted in
                #"[2026-02-26T10:00:05.300Z] "\#(method) \#(target) HTTP/2" 200 \#(isAborted ? "URX,DC" : "-") 0 3000 120 110 "\#(address)" "App/1.0" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "relay.test" "10.0.0.1:80""#
            }),
        Format(
            profile: "envoy", words: ("cache.response_from_cache_filter", "cache.insert_via_upstream", "via_upstream"),
            tellsAborts: true,
            line: { address, method, target, word, isAborted in
                #"[2026-02-26T10:00:05.300Z] "\#(method) \#(target) HTTP/1.1" 200 \#(isAborted ? "DownstreamRemoteReset" : "-") \#(word) - "-" 0 3000 120 110 "\#(address)" "App/1.0" "84961386-6d84-929d-98bd-c5aee93b5c88" "relay.test" "127.0.0.1:80" inbound|8000|| 127.0.0.1:41854 10.44.1.27:80 10.44.1.23:37652 outbound_.8000_._.relay.cams.svc.cluster.local default"#
            }),
        // docs.aws.amazon.com, Access logs for your Application (Classic) Load Balancer.
        Format(
            profile: "aws-alb",
            line: { address, method, target, _, _ in
                #"h2 2026-02-26T10:00:05.300000Z app/cams/0011aabb \#(endpoint(address)) 10.0.0.5:80 0.000 0.100 0.000 200 200 34 3000 "\#(method) https://relay.test:443\#(target) HTTP/2.0" "App/1.0" TLS_AES_128_GCM_SHA256 TLSv1.3 arn:aws:tg "Root=1-0-1" "relay.test" "arn:cert" 0 2026-02-26T10:00:05.200000Z "forward" "-" "-" "10.0.0.5:80" "200" "-" "-""#
            }),
        Format(
            profile: "aws-elb",
            line: { address, method, target, _, _ in
                #"2026-02-26T10:00:05.300000Z my-loadbalancer \#(endpoint(address)) 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 3000 "\#(method) http://relay.test:80\#(target) HTTP/1.1" "App/1.0" - -"#
            }),
        // docs.bunny.net, Log format.
        Format(
            profile: "bunny", words: ("HIT", "MISS", "-"), namesMethod: false,
            line: { address, _, target, word, _ in
                "\(word)|200|1772100005300|3000|390|\(address)|-|https://cams.b-cdn.net\(target)|DE|App/1.0|322b688bd63fb63f2babe9de96a5543d|SE"
            }),
        // squid.conf, the predefined logformat common.
        Format(
            profile: "squid-common", words: ("TCP_HIT", "TCP_MISS", "NONE"), tellsAborts: true,
            line: { address, method, target, word, isAborted in
                #"\#(address) - - [\#(clf)] "\#(method) http://relay.test\#(target) HTTP/1.1" 200 3120 \#(word)\#(isAborted ? "_ABORTED" : ""):HIER_DIRECT"#
            }),
        // keycdn.com/support/cdn-log-format.
        Format(
            profile: "keycdn", words: ("HIT", "MISS", "-"), namesAddress: false,
            line: { address, method, target, word, _ in
                #"1772100005.300|defr|\#(address)|200|3000|uid1234|zid4321|cams-hexid.kxcdn.com|\#(word)|"\#(method) \#(target) HTTP/1.1"|[26/Feb/2026:10:00:05 +0000]|"-"|"App/1.0"|https|TLSv1.3|DE|HE|"AS64496 Example"|-"#
            }),
        // CloudFront Developer Guide, Real-time logs.
        Format(
            profile: "cloudfront-realtime", words: ("Hit", "Miss", "LimitExceeded"), tellsAborts: true,
            line: { address, method, target, word, isAborted in
                let query = target.split(separator: "?").dropFirst().first.map(String.init) ?? "-"
                let line = ServiceFormatTests.realTime(
                    uri: target, query: query, result: isAborted ? "Error" : word, method: method, address: address,
                    detail: isAborted ? "ClientCommError" : word)
                return line.replacing("\tHit\t-\tTLSv1.3", with: "\t\(word)\t-\tTLSv1.3")
            }),
        // Debian's examples of a camera cloud's own formats.
        Format(
            profile: "nginx-text", words: ("HIT", "MISS", "-"), namesAddress: false,
            line: { _, method, target, word, _ in
                #"192.0.2.9 - bob [\#(clf)] "\#(method) \#(target) HTTP/1.1" 200 3000 "-" "App/1.0" rt=0.120 cs=\#(word) fid=f1 cl=app net=ok rid=2c60"#
            }),
    ]

    /// Formats of a camera cloud's own, which name the account in a field; Debian's servers wrote such lines (`RecognitionTests`).
    private static let own: [Format] = [
        Format(
            profile: "nginx-json", words: ("HIT", "MISS", ""), tellsAborts: true, namesAddress: false,
            line: { _, method, target, word, isAborted in
                #"{"ts":1772100005.300,"remote":"192.0.2.9","account":"bob","client":"app","net":"ok","rtt":"87","method":"\#(method)","uri":"\#(target)","status":200,"body_bytes":3000,"rt":0.120,"cache":"\#(word)","key":"snap/77","frame":"f1","frame_owner":"alice","frame_cam":"77","inm":"","range":"","completion":"\#(isAborted ? "" : "OK")","ua":"App/1.0"}"#
            }),
        Format(
            profile: "squid", words: ("TCP_MEM_HIT", "TCP_MISS", "NONE"), tellsAborts: true, namesAddress: false,
            line: { address, method, target, word, isAborted in
                #"1772100005.300    120 \#(address) \#(word)\#(isAborted ? "_ABORTED" : "")/200 3120 \#(method) http://relay.test\#(target) - HIER_DIRECT/10.0.0.1 image/jpeg acct=bob client=app net=ok rtt=67 ck=snap/77 fid=f1 owner=alice cam=77 inm="-" range=- ua="App/1.0" err=- rid=6a7c80b5"#
            }),
        Format(
            profile: "trafficserver", words: ("TCP_MEM_HIT", "TCP_MISS", "ERR_UNKNOWN"), tellsAborts: true,
            namesAddress: false,
            line: { address, method, target, word, isAborted in
                #"ts=1772100005.300 ttms=120 chi=\#(address) acct=bob client=app net=ok rtt=32 cqhm=\#(method) cqup="\#(target.dropFirst())" pssc=200 pscl=3000 crc=\#(word) chm=HIT_RAM cfsc=\#(isAborted ? "INTR" : "FIN") phr=NONE sssc=000 cluc="http://relay.test/snap/77" fid=f1 owner=alice cam=77 inm="-" range="-" ua="App/1.0" rid=944650ec"#
            }),
        Format(
            profile: "varnishncsa", words: ("hit", "miss", "synth"), namesAddress: false,
            line: { address, method, target, word, _ in
                #"\#(address) - bob [26/Feb/2026:10:00:05.300 +0000] "\#(method) http://relay.test\#(target) HTTP/1.1" 200 3000 "App/1.0" hm=\#(word == "hit" ? "hit" : "miss") hd=\#(word) st= ck=snap/77 fid=f1 fo=alice fc=77 hits=6 cl=app net=ok rtt=24 ttfb=0.000073 us=120000 vxid=688600 rid=62322cfc"#
            }),
    ]

    /// Servers that write JSON, or columns with a header.
    private static let structured: [Format] = [
        Format(
            profile: "traefik-json", words: (#""edge; hit""#, #""edge; fwd=miss""#, #""-""#),
            line: { address, method, target, word, _ in
                #"{"ClientAddr":"\#(endpoint(address))","ClientHost":"\#(address)","DownstreamContentSize":3000,"DownstreamStatus":200,"Duration":120000000,"RequestHost":"relay.test","RequestMethod":"\#(method)","RequestPath":"\#(target)","StartUTC":"2026-02-26T10:00:05.300123456Z","downstream_Cache-Status":\#(word),"level":"info","msg":"","time":"2026-02-26T10:00:05Z"}"#
            }),
        Format(
            profile: "envoy-json",
            words: ("cache.response_from_cache_filter", "cache.insert_via_upstream", "via_upstream"), tellsAborts: true,
            line: { address, method, target, word, isAborted in
                #"{"start_time":"2026-02-26T10:00:05.300Z","method":"\#(method)","path":"\#(target)","protocol":"HTTP/2","response_code":200,"response_flags":"\#(isAborted ? "DR,UC" : "-")","response_code_details":"\#(word)","bytes_sent":3000,"duration":120,"x_forwarded_for":"\#(address)","authority":"relay.test","user_agent":"App/1.0"}"#
            }),
        // gateway.envoyproxy.io, Proxy access logs, the default format.
        Format(
            profile: "envoy-gateway",
            words: ("cache.response_from_cache_filter", "cache.insert_via_upstream", "via_upstream"), tellsAborts: true,
            line: { address, method, target, word, isAborted in
                #"{":authority":"relay.test","bytes_received":"0","bytes_sent":"3000","downstream_remote_address":"\#(address.contains(":") ? "[\(address)]:4711" : endpoint(address))","duration":"120","method":"\#(method)","protocol":"HTTP/2","response_code":"200","response_code_details":"\#(word)","response_flags":"\#(isAborted ? "DC" : "-")","start_time":"2026-02-26T10:00:05.300Z","x-envoy-origin-path":"\#(target)","x-forwarded-for":"-","user-agent":"App/1.0"}"#
            }),
        Format(
            profile: "caddy", words: ("edge; hit; ttl=10", "edge; fwd=uri-miss; stored", "-"), tellsAborts: true,
            line: { address, method, target, word, isAborted in
                #"{"level":"info","ts":1772100005.3,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"\#(address)","client_ip":"\#(address)","proto":"HTTP/2.0","method":"\#(method)","host":"relay.test","uri":"\#(target)","headers":{}},"bytes_read":0,"user_id":"","duration":0.12,"size":3000,"status":200,"resp_headers":{"Cache-Status":["\#(word)"],"Content-Length":["\#(isAborted ? 6000 : 3000)"]}}"#
            }),
        Format(
            profile: "cloudfront", header: [EdgeFormatTests.cloudFrontFields], words: ("Hit", "Miss", "LimitExceeded"),
            tellsAborts: true,
            line: { address, method, target, word, isAborted in
                let parts = target.split(separator: "?").map(String.init)
                return [
                    "2026-02-26", "10:00:05", "FRA50-C1", "3000", address, method, "d1.example", parts[0], "200", "-",
                    "App/1.0",
                    parts.count > 1 ? parts[1] : "-", "-", isAborted ? "Error" : word, "rid1", "relay.test", "https",
                    "300",
                    "0.120", "-", "TLSv1.3", "TLS_AES_128_GCM_SHA256", word, "HTTP/2.0", "-", "-", "4711", "0.010", "-",
                    "image/jpeg", "3000", "-", "-",
                ].joined(separator: "\t")
            }),
        // CloudFront Developer Guide, Standard logging v2: the same names as members.
        Format(
            profile: "cloudfront-json", words: ("Hit", "Miss", "LimitExceeded"), tellsAborts: true,
            line: { address, method, target, word, isAborted in
                let parts = target.split(separator: "?").map(String.init)
                return
                    #"{"date":"2026-02-26","time":"10:00:05","x-edge-location":"FRA50-C1","sc-bytes":"3000","c-ip":"\#(address)","cs-method":"\#(method)","cs(Host)":"d1.example","cs-uri-stem":"\#(parts[0])","sc-status":"200","cs-uri-query":"\#(parts.count > 1 ? parts[1] : "-")","cs(Cookie)":"-","x-edge-result-type":"\#(isAborted ? "Error" : word)","x-edge-response-result-type":"\#(word)","time-taken":"0.120"}"#
            }),
        // elastic.co, Elastic Common Schema: http, url, source, event; the cache's field is RFC 9211's.
        Format(
            profile: "ecs-json", words: ("edge; hit; ttl=30", "edge; fwd=uri-miss; stored", "-"),
            line: { address, method, target, word, _ in
                #"{"@timestamp":"2026-02-26T10:00:05.300Z","event":{"duration":120000000},"http":{"request":{"method":"\#(method)"},"response":{"status_code":200,"body":{"bytes":3000},"headers":{"cache-status":["\#(word)"],"etag":"\"f1\""}}},"source":{"ip":"\#(address)"},"url":{"domain":"relay.test","original":"\#(target)"},"user_agent":{"original":"App/1.0"}}"#
            }),
        // docs.aws.amazon.com, Amazon S3 server access log format.
        Format(
            profile: "aws-s3", tellsAborts: true,
            line: { address, method, target, _, isAborted in
                #"79a5 cams [\#(clf)] \#(address) - 3E57 REST.GET.OBJECT snap "\#(method) \#(target) HTTP/1.1" 200 - 3000 \#(isAborted ? 6000 : 3000) 7 5 "-" "App/1.0" - s9lz= SigV4 TLS_AES_128_GCM_SHA256 AuthHeader cams.s3.amazonaws.com TLSv1.3 - -"#
            }),
        // learn.microsoft.com, Azure Front Door: access log fields.
        Format(
            profile: "azure-front-door", words: ("HIT", "MISS", "N/A"),
            line: { address, method, target, word, _ in
                #"{"time":"2026-02-26T10:00:05.3000000Z","category":"FrontDoorAccessLog","operationName":"Microsoft.Cdn/Profiles/AccessLog/Write","properties":{"trackingReference":"0vYXgXgAAAAB","httpMethod":"\#(method)","httpVersion":"2.0","requestUri":"https://relay.test:443\#(target)","responseBytes":"3000","userAgent":"App/1.0","clientIp":"\#(address)","socketIp":"\#(address)","timeTaken":"0.120","httpStatusCode":"200","pop":"MWH","cacheStatus":"\#(word)"}}"#
            }),
        Format(
            profile: "azure-application-gateway",
            line: { address, method, target, _, _ in
                #"{"timeStamp":"2026-02-26T10:00:05+00:00","operationName":"ApplicationGatewayAccess","category":"ApplicationGatewayAccessLog","properties":{"instanceId":"appgw_1","clientIP":"\#(address)","httpMethod":"\#(method)","requestUri":"\#(target.prefix { $0 != "?" })","originalRequestUriWithArgs":"\#(target)","userAgent":"App/1.0","httpStatus":200,"receivedBytes":533,"sentBytes":3000,"timeTaken":0.12,"host":"relay.test"}}"#
            }),
        // learn.microsoft.com, IIS: W3C logging; Application Request Routing adds to the query.
        Format(
            profile: "iis",
            header: [
                "#Software: Microsoft Internet Information Services 10.0",
                "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status sc-bytes time-taken",
            ], words: ("1", "0", ""), tellsAborts: true,
            line: { address, method, target, word, isAborted in
                let parts = target.split(separator: "?").map(String.init)
                let query = (parts.dropFirst() + ["X-ARR-CACHE-HIT=\(word)"]).joined(separator: "&")
                return
                    "2026-02-26 10:00:05 10.0.0.1 \(method) \(parts[0]) \(query) 443 - \(address) App/1.0 - 200 0 \(isAborted ? 64 : 0) 3000 120"
            }),
        // W3C WD-logfile.
        Format(
            profile: "w3c",
            header: [
                "#Version: 1.0",
                "#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query cached sc-status sc-bytes cs-version",
            ], words: ("1", "0", "-"),
            line: { address, method, target, word, _ in
                let parts = target.split(separator: "?").map(String.init)
                return
                    "2026-02-26 10:00:05 \(address) \(method) \(parts[0]) \(parts.count > 1 ? parts[1] : "-") \(word) 200 3000 HTTP/1.1"
            }),
        // docs.konghq.com, File Log; apisix.apache.org, file-logger.
        Format(
            profile: "kong", words: ("Hit", "Miss", "-"),
            line: { address, method, target, word, _ in
                #"{"client_ip":"\#(address)","latencies":{"kong":1,"proxy":119,"request":120},"request":{"headers":{"host":"relay.test","user-agent":"App/1.0"},"method":"\#(method)","size":"75","uri":"\#(target)","url":"http://relay.test:8000\#(target)"},"response":{"headers":{"x-cache-status":"\#(word)"},"size":"3000","status":200},"started_at":1772100005300}"#
            }),
        Format(
            profile: "apisix", words: ("HIT", "MISS", "-"),
            line: { address, method, target, word, _ in
                #"{"client_ip":"\#(address)","latency":120.5,"request":{"headers":{"host":"relay.test","user-agent":"App/1.0"},"method":"\#(method)","size":75,"uri":"\#(target)"},"response":{"headers":{"Apisix-Cache-Status":"\#(word)"},"size":3000,"status":200},"route_id":"1","server":{"hostname":"gw-1","version":"3.9.0"},"service_id":"","start_time":1772100005300}"#
            }),
        Format(
            profile: "cloudflare", words: ("hit", "miss", "unknown"),
            line: { address, method, target, word, _ in
                #"{"RayID":"7a1f7ad4df2f870a","EdgeStartTimestamp":"2026-02-26T10:00:05.3Z","CacheCacheStatus":"\#(word)","ClientIP":"\#(address)","ClientRequestHost":"relay.test","ClientRequestMethod":"\#(method)","ClientRequestPath":"\#(target.prefix { $0 != "?" })","ClientRequestURI":"\#(target)","EdgeResponseStatus":200,"EdgeResponseBytes":3000}"#
            }),
        Format(
            profile: "fastly", words: ("HIT", "MISS", "ERROR"),
            line: { address, method, target, word, _ in
                #"{"timestamp":"2026-02-26T10:00:05+0000","client_ip":"\#(address)","host":"relay.test","url":"\#(target)","request_method":"\#(method)","request_user_agent":"App/1.0","response_state":"\#(word)","response_status":200,"response_body_size":3000,"fastly_server":"cache-fra-1","fastly_is_edge":true}"#
            }),
        Format(
            profile: "google-cloud-cdn", words: (#","cacheHit":true,"cacheLookup":true"#, #","cacheLookup":true"#, ""),
            tellsAborts: true,
            line: { address, method, target, word, isAborted in
                #"{"insertId":"l3","jsonPayload":{"statusDetails":"\#(isAborted ? "client_disconnected_after_partial_response" : "x")"},"httpRequest":{"requestMethod":"\#(method)","requestUrl":"https://relay.test\#(target)","status":200,"responseSize":"3000","remoteIp":"\#(address)","latency":"0.120s"\#(word)},"timestamp":"2026-02-26T10:00:05.300Z"}"#
            }),
        // docs.cloud.google.com/media-cdn, Logging.
        Format(
            profile: "google-media-cdn", words: ("hit", "fetch, miss, miss", "-"), tellsAborts: true,
            line: { address, method, target, word, isAborted in
                ServiceFormatTests.mediaCDN(
                    cacheStatus: word, method: method, address: address, target: target,
                    detail: isAborted ? "client_disconnected_after_partial_response" : "response_sent")
            }),
        // docs.imperva.com, Log file structure.
        Format(
            profile: "imperva", words: ("REQ_CACHED_FRESH", "REQ_UNKNOWN", "REQ_UNKNOWN"),
            line: { address, method, target, word, _ in
                ServiceFormatTests.imperva(act: word, method: method, address: address, target: target)
            }),
        // docs.trafficserver.apache.org, Logging: log fields.
        Format(
            profile: "trafficserver-json", words: ("TCP_MEM_HIT", "TCP_MISS", "ERR_UNKNOWN"), tellsAborts: true,
            line: { address, method, target, word, isAborted in
                ServiceFormatTests.trafficServer(
                    crc: word, isInternal: false, method: method, address: address, target: target,
                    finish: isAborted ? "INTR" : "FIN")
            }),
        Format(
            profile: "akamai-datastream", words: ("1", "0", "9"),
            line: { address, method, target, word, _ in
                let parts = target.split(separator: "?").map(String.init)
                return
                    #"{"version":"1","cliIP":"\#(address)","reqTimeSec":"1772100005.300","reqMethod":"\#(method)","reqHost":"relay.test","reqPath":"\#(parts[0].dropFirst())","queryStr":"\#(parts.count > 1 ? parts[1] : "-")","statusCode":"200","cacheStatus":"\#(word)","totalBytes":"3000","edgeIP":"23.0.0.1"}"#
            }),
    ]

    /// What is read on request alone, this program's own format, and a server that writes a transaction over several lines.
    private static let others: [Format] = [
        Format(
            profile: "nginx-thin", words: ("HIT", "MISS", "-"), namesAddress: false, namesTarget: false,
            endsWithKey: true,
            line: { _, method, target, word, _ in
                #"2026-02-26T10:00:05.300Z 192.0.2.9 bob app ok/87 "\#(method) \#(target)" 200 3000 0.120 \#(word) key=snap/77"#
            }),
        Format(
            profile: "squid-thin", words: ("TCP_MEM_HIT", "TCP_MISS", "NONE"), tellsAborts: true, namesAddress: false,
            namesMethod: false, namesTarget: false,
            line: { _, _, _, word, isAborted in
                #"[\#(clf)] bob app ok \#(word)\#(isAborted ? "_ABORTED" : ""):HIER_DIRECT 200 3120 120 "snap/77""#
            }),
        Format(
            profile: "trafficserver-thin", words: ("TCP_MEM_HIT", "TCP_MISS", "ERR_UNKNOWN"), tellsAborts: true,
            namesAddress: false, namesMethod: false, namesTarget: false, endsWithKey: true,
            line: { _, _, _, word, isAborted in
                "\(clf) 1772100005.300 bob app ok \(isAborted ? "ERR_CLIENT_READ_ERROR" : word)/200 3000 120 DIRECT http://relay.test/snap/77"
            }),
        Format(
            profile: "varnishncsa-thin", words: ("hit", "miss", "synth"), namesAddress: false, namesMethod: false,
            namesTarget: false, endsWithKey: true,
            line: { _, _, _, word, _ in "2026-02-26T10:00:05.300000Z bob app ok 200 3000 76 \(word) snap/77" }),
        Format(
            profile: "native-relay", words: ("HIT", "MISS", ""), namesAddress: false, namesMethod: false,
            namesTarget: false,
            line: { _, _, _, word, _ in
                #"{"ts":"2026-02-26T10:00:05.300000Z","node":"e","requester":"bob","camera":"77","key":"snap/77","cache":"\#(word)","status":200,"bytes":3000}"#
            }),
        // vsl(7): the tags of a request's transaction.
        Format(
            profile: "varnishlog", words: ("-   VCL_call       HIT\n", "-   VCL_call       MISS\n", ""),
            namesAddress: false,
            line: { _, method, target, word, _ in
                [
                    "*   << Request  >> 7", "-   Begin          req 6 rxreq",
                    "-   Timestamp      Start: 1772100005.300000 0.000000 0.000000",
                    "-   ReqMethod      \(method)", "-   ReqURL         \(target)",
                    "-   ReqHeader      X-Account: bob", "-   VCL_Log        ck:snap/77",
                    "\(word)-   RespStatus     200",
                    "-   Timestamp      Resp: 1772100005.420000 0.120000 0.000100", "-   End            ", "",
                ].joined(separator: "\n")
            }),
    ]

    static let formats = texts + own + structured + others
}
